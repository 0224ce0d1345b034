#!/usr/bin/env node
// In a checkout the sources; in a package the bundle, since Node strips no types below node_modules.
import { existsSync } from 'node:fs';

const sources = new URL('./runtime/cli/cli.ts', import.meta.url);
await import(existsSync(sources) ? sources.href : new URL('./dist/cli.js', import.meta.url).href);
