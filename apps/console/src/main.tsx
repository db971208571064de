import { render } from 'preact';
import { Shell } from './shell.tsx';
import { judge } from './state/trust.ts';
import './style.css';

const place = document.getElementById('console');
if (place !== null) render(<Shell />, place);
void judge();
