/** Names that Windows keeps for devices, with any extension. */
const deviceNames = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const forbiddenCharacters = /[\x00-\x1f\x7f\\:*?"<>|]/;

/**
 * Whether a path of somebody else's listing stays inside the folder that it is put into, on every system: relative, with forward slashes, without `.`, `..`, drive
 * letters, device names and characters that some file system reads in its own way.
 */
export function isSafePath(file: string): boolean {
  if (file.length === 0 || file.length > 1024 || forbiddenCharacters.test(file)) return false;
  return file.split('/').every((name) => {
    // Windows drops dots and spaces at the end: "..." would be "..".
    return name !== '' && !/^\.+$/.test(name) && !/[. ]$/.test(name) && !deviceNames.test(name);
  });
}
