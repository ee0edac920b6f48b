export declare function runWithPinnedNode(
  url: URL,
  options?: { readonly frugal?: boolean; readonly flags?: readonly string[] },
): Promise<void>

export declare const frugalEnvironment: Readonly<Record<`MALLOC_${string}`, string>>
