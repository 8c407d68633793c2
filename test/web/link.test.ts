// Links of the page: they bring the whole source back, are short, and refuse all that is no link.
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  decodeLink,
  encodeLink,
  explainFaults,
  LINK_CHARACTERS,
  LinkError,
  SCRIPT_BYTES,
  toScript,
} from '../../src/web/share/link.ts';
import { restorePhrases, shortenPhrases } from '../../src/web/share/phrases.ts';
import type { RunSource } from '../../src/web/view.ts';
import { listShippedScripts } from '../scripts/shipped.ts';

const SOURCE: RunSource = {
  script: 'joinServer 0\njoinClient 1 0\nput 1 tea grün & <b>\nget 1 tea\n',
  protocol: 'quorum',
  seed: 4_294_967_295,
  faults: 'loss=0.1,delay=1..40',
};

const SHIPPED = listShippedScripts().map(({ path }) => toScript(readFileSync(path, 'utf8')));

/** A link whose text is this. */
function linkOf(text: string | Buffer): string {
  return `1.${deflateRawSync(text).toString('base64url')}`;
}

function withHead(head: string): string {
  return linkOf(`${head}\nget 1 tea\n`);
}

describe('a link', () => {
  it('brings the source back', async () => {
    const link = await encodeLink(SOURCE);
    expect(link).toMatch(/^1\.[A-Za-z0-9_-]+$/);
    expect(await decodeLink(link)).toEqual(SOURCE);
  });

  it('brings any text back, the codes of phrases too', async () => {
    const codes = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('');
    const script = `${codes.replace('\r', '')}joinServer \u001bput \u001b\u001b 🫖\u202e\u2028`;
    expect(await decodeLink(await encodeLink({ ...SOURCE, script }))).toEqual({
      ...SOURCE,
      script,
    });
    expect((await decodeLink(await encodeLink({ ...SOURCE, script: '' }))).script).toBe('');
  });

  it('brings shipped scripts back, half of them in 420 characters at most', async () => {
    const links = await Promise.all(
      SHIPPED.map((script) => encodeLink({ script, protocol: 'causal', seed: 1, faults: '' })),
    );
    const back = await Promise.all(links.map((link) => decodeLink(link)));
    expect(back.map(({ script }) => script)).toEqual(SHIPPED);
    const lengths = links.map((link) => link.length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(420);
  });

  it('is not made for a script that is too long', async () => {
    let script = '';
    for (let at = 0; script.length < 40 * LINK_CHARACTERS; at += 1)
      script += `put 1 k ${at ** 9}\n`;
    await expect(encodeLink({ ...SOURCE, script })).rejects.toThrow(/too long for a link/);
  });
});

describe('what is no link is refused with a sentence', () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['empty', '', /none of this page/],
    ['no version', 'abc', /none of this page/],
    ['an anchor', 'section-2', /none of this page/],
    ['another version', '2.abcd', /version 2/],
    ['other characters', '1.ab+/', /none of this page/],
    ['markup', '1.<script>', /none of this page/],
    ['nothing after the version', '1.', /none of this page/],
    ['random letters', '1.AAAAAAAA', /damaged/],
    ['too long', `1.${'A'.repeat(LINK_CHARACTERS)}`, /too long/],
    ['no UTF-8', linkOf(Buffer.from([0xff, 0xfe, 0x0a])), /damaged/],
    ['no head', linkOf('get 1 tea'), /names no protocol/],
    ['a head that is no list', withHead('{"protocol":"causal"}'), /names no protocol/],
    ['a longer head', withHead('["causal",1,"",2]'), /names no protocol/],
    ['a strange protocol', withHead('["<b>",1,""]'), /names no protocol/],
    ['a seed below 0', withHead('["causal",-1,""]'), /seed/],
    ['a broken seed', withHead('["causal",1.5,""]'), /seed/],
    ['a large seed', withHead('["causal",4294967296,""]'), /seed/],
    ['a text as seed', withHead('["causal","1",""]'), /seed/],
    ['wrong faults', withHead('["causal",1,"loss=2"]'), /faults of the link are wrong: '2'/],
    ['no faults', withHead('["causal",1]'), /faults/],
    ['a text that inflates to much more', linkOf(Buffer.alloc(SCRIPT_BYTES + 1)), /more than/],
  ];

  it.each(refused)('%s', async (_name, fragment, why) => {
    const error: unknown = await decodeLink(fragment).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).message).toMatch(why);
  });

  it('each beginning of a link', async () => {
    const link = await encodeLink(SOURCE);
    for (let length = 0; length < link.length; length += 1) {
      await expect(decodeLink(link.slice(0, length))).rejects.toThrow(LinkError);
    }
  });
});

describe('phrases', () => {
  it('are shorter, and come back', () => {
    const text = 'joinServer 0\njoinClient 1 0\nput 1 k v\n';
    const short = shortenPhrases(text);
    expect(short.length).toBeLessThan(text.length - 20);
    expect(restorePhrases(short)).toBe(text);
  });
});

describe('fields beside the script', () => {
  it('explains wrong faults in words, and takes empty ones', () => {
    expect(explainFaults('')).toBeUndefined();
    expect(explainFaults('loss=0.1')).toBeUndefined();
    expect(explainFaults('los=0.1')).toMatch(/'los=0.1' is none of loss,/);
  });

  it('ends lines as an editor does', () => {
    expect(toScript('a\r\nb\rc\n')).toBe('a\nb\nc\n');
  });
});
