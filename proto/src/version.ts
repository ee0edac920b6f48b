/**
 * The version of the bytes at rest: docs/format.md §12. A reader of a later version still reads this one; a pack names
 * it in its header, an object in its magic. A change that an old reader would misunderstand needs a new number.
 */
export const formatVersion = 1
