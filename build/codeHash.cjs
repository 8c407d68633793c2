// What a part's cache is named after beside the Node that made it: the part's text.
'use strict';
const { createHash } = require('node:crypto');

/** Of a part, or of several in a row. */
module.exports = (...texts) =>
  texts
    .reduce((hash, text) => hash.update(text), createHash('sha256'))
    .digest('hex')
    .slice(0, 12);
