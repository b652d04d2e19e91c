/**
 * How the viewer's scripts are wrapped, so that a page can prove their text before it runs: a page opened from a folder
 * may not read a script's bytes, but a function knows its own text. build.js writes the script so.
 */

/** Before the function, and after it; a boot.js from before there was a wrapping runs the function at once. */
export const BEFORE = '(globalThis.attnvizViewer??(f=>f()))(';
export const AFTER = ');\n';
