#!/usr/bin/env node
// Stands beside dist so that package managers can link it before the first build. What it loads is bundled: a command
// then reads the few functions it needs, not every schema of the contract.
import '../dist/bundle/occlum-sim.js';
