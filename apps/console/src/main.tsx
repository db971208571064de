import { render } from 'preact';
import { Shell } from './shell.tsx';
import { refreshSuggestion } from './state/policy.ts';
import { judge } from './state/trust.ts';
import './style.css';

// Whether it is a simulation stands above everything else: known before the first thing is drawn, nothing has to move.
const patienceMs = 1000;
await Promise.race([refreshSuggestion(), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
const place = document.getElementById('console');
if (place !== null) render(<Shell />, place);
void judge();
