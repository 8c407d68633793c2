// How every built program begins: dist/NAME.cjs is this text and a call of `launch`. It loads the
// program's parts, each with the code cache of V8 that fits to it, so that little is compiled again.
//
// V8 takes a cache that another patch release of Node has made for its own, and then the process
// dies: V8's check does not see the last part of its own version. So the name of a cache says all
// that it depends on, and no cache is read by any other name.
//
// The build makes the caches of its own Node, beside the parts. Under another Node a program makes
// its own, once its start is over, in a folder of the user's. A cache is code: there it is read only
// if no other user can have written it. Where that cannot be, a program starts without caches, slowly.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

/** After that a cache in the user's folder is removed. One that is still in use is made again. */
const KEPT_MS = 30 * 24 * 3_600_000;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** `hash` is of the part's text. */
function nameCache(part, hash, { version, versions, arch }) {
  return `${part}-${hash}-${version}-${versions.v8}-${arch}.cache`;
}

/** Where the XDG Base Directory Specification puts what a program can make again, or undefined. */
function findStore({ XDG_CACHE_HOME: caches = '' }, home) {
  const isAbsolute = (path) => path.startsWith('/');
  // The specification: a path that is not absolute counts as none.
  if (isAbsolute(caches)) return `${caches}/causeway`;
  return isAbsolute(home) ? `${home}/.cache/causeway` : undefined;
}

/** Whether only this user can have written what has these stats. */
function isPrivate({ uid, mode }, user) {
  return uid === user && (mode & 0o077) === 0;
}

/** The bytes of a file that only the user can have written; undefined for anything else. */
function readPrivate(path, user) {
  let descriptor;
  try {
    descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fs.fstatSync(descriptor);
    const isOurs = stats.isFile() && isPrivate(stats, user);
    return isOurs ? fs.readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/**
 * Makes a file that is there whole or not at all. V8 does not notice when bytes of a cache are
 * wrong, so they are synced: a crash of the machine must not leave a file of zeros. Throws.
 */
function writeWhole(path, bytes, mode) {
  const unfinished = `${path}.${process.pid}`;
  const descriptor = fs.openSync(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    fs.writeFileSync(descriptor, bytes);
    fs.fsyncSync(descriptor);
    fs.renameSync(unfinished, path);
  } catch (error) {
    fs.unlinkSync(unfinished);
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` tries for ever where
 * the system lets nothing be made, as below /proc. Throws.
 */
function makeFolders(path) {
  if (fs.existsSync(path)) return;
  makeFolders(path.slice(0, path.lastIndexOf('/')) || '/');
  try {
    fs.mkdirSync(path, 0o700);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

/** The caches in a folder of the user's. Nothing there is trusted that others could have written. */
class Store {
  constructor(folder, user) {
    this.folder = folder;
    this.user = user;
  }

  /** Whether the folder is there and the user's alone. */
  get isOpen() {
    try {
      const stats = fs.lstatSync(this.folder);
      return stats.isDirectory() && isPrivate(stats, this.user);
    } catch {
      return false;
    }
  }

  read(name) {
    return this.isOpen ? readPrivate(`${this.folder}/${name}`, this.user) : undefined;
  }

  /** Writes those that are not there. Throws where that cannot be. */
  write(scriptByName) {
    makeFolders(this.folder);
    if (!this.isOpen) return;
    this.removeOld();
    for (const [name, script] of scriptByName) {
      const path = `${this.folder}/${name}`;
      if (!fs.existsSync(path)) writeWhole(path, script.createCachedData(), 0o600);
    }
  }

  /** Builds and Nodes come and go; so do processes that die while they write. */
  removeOld() {
    for (const name of fs.readdirSync(this.folder)) {
      const path = `${this.folder}/${name}`;
      if (Date.now() - fs.lstatSync(path).mtimeMs > KEPT_MS) fs.unlinkSync(path);
    }
  }
}

/** Undefined where there is no user, or no folder for one. */
function openStore() {
  try {
    const user = process.geteuid?.();
    const folder = findStore(process.env, require('node:os').homedir());
    return user === undefined || folder === undefined ? undefined : new Store(folder, user);
  } catch {
    return undefined;
  }
}

/**
 * Begins the program whose launcher `file` is. Its parts lie in `folder` and are ASCII, as esbuild
 * writes them, so that they can be read as latin1, which is quick; `hashByPart` has the hash of each,
 * the one that begins first; `partByChunk` says where each of the chunks is that others ask for.
 */
function launch({ file, folder, hashByPart, partByChunk }) {
  const [main] = Object.keys(hashByPart);
  const loaded = {};
  const unkept = new Map();
  let store;
  const launcher = {
    get url() {
      return require('node:url').pathToFileURL(file).href;
    },
    /** To be called when the start is over: what was used until then is what a start needs. */
    keepCode() {
      if (unkept.size === 0) return;
      try {
        store.write(unkept);
      } catch {
        // No room, or no right: then the next start is as slow as this one.
      }
      unkept.clear();
    },
  };

  /** Under the Node of the build all is beside the parts, and nothing else is looked at. */
  function readCache(part, name) {
    try {
      return fs.readFileSync(`${folder}/${name}`);
    } catch {
      if (part === main) store = openStore();
      return store?.read(name);
    }
  }

  function load(part) {
    if (loaded[part] !== undefined) return loaded[part].exports;
    const module = { exports: {} };
    loaded[part] = module;
    const filename = `${folder}/${part}.js`;
    const name = nameCache(part, hashByPart[part], process);
    const cachedData = readCache(part, name);
    const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData });
    if (cachedData === undefined && store !== undefined) unkept.set(name, script);
    script.runInThisContext()(module.exports, ask, module, launcher);
    return module.exports;
  }

  function ask(name) {
    const part = partByChunk[name];
    return part === undefined ? require(name) : load(part)[name];
  }

  load(main);
}

module.exports = { nameCache, findStore, isPrivate, writeWhole, launch };
