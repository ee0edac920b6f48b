/** A command or a secret, to be taken along with one press. */
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './controls.tsx'
import './copied.css'

const thanksMs = 1_500

export function Copied({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [isTaken, setTaken] = useState(false)
  const take = async () => {
    await navigator.clipboard.writeText(text)
    setTaken(true)
    setTimeout(() => setTaken(false), thanksMs)
  }
  return (
    <div className="copied">
      <code>{text}</code>
      <Button look="quiet" small aria-label={label} onPress={() => void take()}>
        {isTaken ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </Button>
    </div>
  )
}
