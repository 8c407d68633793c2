// The page's program.
import { openPage, readPageData } from './opening.tsx';
import { startPlayground } from './playground.tsx';

const root = document.getElementById('page');
const data = readPageData();
if (root !== null) void (data === undefined ? startPlayground(root) : openPage(data, root));
