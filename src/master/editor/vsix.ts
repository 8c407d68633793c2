// The extension as one file, which editors install: a zip archive with the extension in a folder,
// and two files that name its parts.
// https://code.visualstudio.com/api/working-with-extensions/publishing-extension
import { packZip } from './zip.ts';

interface Identity {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly displayName: string;
  readonly description: string;
}

/** `files` by name, `package.json` among them. */
export function packExtension(files: { readonly [name: string]: string }): Buffer {
  const identity: Identity = JSON.parse(files['package.json'] ?? '{}');
  const inFolder = Object.entries(files).map(([name, text]) => [`extension/${name}`, text]);
  return packZip({
    '[Content_Types].xml': CONTENT_TYPES,
    'extension.vsixmanifest': describe(identity),
    ...Object.fromEntries(inFolder),
  });
}

const XML = '<?xml version="1.0" encoding="utf-8"?>\n';

const CONTENT_TYPES = `${XML}<Types
  xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".js" ContentType="application/javascript"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
`;

function describe({ name, publisher, version, displayName, description }: Identity): string {
  return `${XML}<PackageManifest Version="2.0.0"
  xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>
    <DisplayName>${displayName}</DisplayName>
    <Description xml:space="preserve">${description}</Description>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest"
      Path="extension/package.json" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}
