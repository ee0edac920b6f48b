/** A program loads the code of the command that was called: all of them take a third of a second. */
export type CommandTable<Command> = Readonly<Record<string, () => Promise<Command>>>

/** `words`: behind the program's name. Of a command that is not known, and of none, all are loaded, to be listed. */
export async function called<Command>(
  table: CommandTable<Command>,
  words: readonly string[],
): Promise<readonly Command[]> {
  const [name = ''] = words
  if (name === '--version' || name === '-V') return []
  const wanted = Object.hasOwn(table, name) ? [table[name]] : Object.values(table)
  return Promise.all(wanted.flatMap(load => (load === undefined ? [] : [load()])))
}
