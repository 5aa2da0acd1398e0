/** The last part of a folder's path, of any system. Pure. */
export const folderName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
