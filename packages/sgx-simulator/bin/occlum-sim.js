#!/usr/bin/env node
// Stands beside dist so that package managers can link it before the first build.
import '../dist/bin/occlum-sim.js';
