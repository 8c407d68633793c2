// What the build asks of the list of protocols: processes load a protocol by its name alone.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from './evaluate.js';

const FOLDER = 'src/protocols';

/**
 * Why real processes could not run a protocol of the list, in a sentence; undefined if they can run
 * all of them.
 */
export async function findMisnamed(esbuild, root) {
  const folders = readdirSync(join(root, FOLDER)).filter((name) =>
    existsSync(join(root, FOLDER, name, 'index.ts')),
  );
  const modules = folders.map(
    (name, index) => `export * as folder${index} from './${FOLDER}/${name}/index.ts';`,
  );
  const { PROTOCOLS, ENGINE_DESIGNS, ...exported } = await evaluate(
    esbuild,
    root,
    `export { PROTOCOLS } from './${FOLDER}/registry.ts';
    export { ENGINE_DESIGNS } from './src/engines/designs.ts';
    ${modules.join('\n')}`,
  );
  const offers = folders.flatMap((folder, index) =>
    Object.entries(exported[`folder${index}`]).map(([name, offer]) => ({ folder, name, offer })),
  );
  for (const protocol of PROTOCOLS) {
    const { name } = protocol;
    if (ENGINE_DESIGNS.some((engine) => engine.name === name)) {
      return `the name of the protocol ${name} is that of src/engines/${name}: take another`;
    }
    const own = offers.filter(({ offer }) => offer === protocol);
    if (own.some((place) => place.folder === name && place.name === name)) continue;
    const places = own.map((place) => `the export ${place.name} of ${FOLDER}/${place.folder}`);
    const where = places.join(' and ') || `no export of a folder in ${FOLDER}`;
    return `the protocol '${name}' is ${where}: name, export and folder must be the same word`;
  }
  return undefined;
}
