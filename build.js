// `node build.js`: see build/build.js.
import('./build/build.js');
