/** Who are you? */
export function SignInPage({ onDone }: { readonly onDone: () => void }) {
  void onDone
  return <main className="page">Sign in</main>
}
