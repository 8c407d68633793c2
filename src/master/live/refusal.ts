// What a browser shows that asks for another address than that of the live run.

export const REFUSAL_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
};

/** It repeats nothing of the request, and tells nothing of the run. */
export const REFUSAL = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Causeway: not the address of the live run</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; }
body { max-width: 36rem; margin: 15vh auto; padding: 0 1rem; font: 1.0625rem/1.6 system-ui; }
h1 { font-size: 1.375rem; }
</style>
<main>
<h1>This is not the address of the live run</h1>
<p>Open the whole address that <code>causeway serve</code> has printed, with the long secret in its
path. Each run has a new one, so the address of an earlier run is of no use.</p>
</main>
</html>
`;
