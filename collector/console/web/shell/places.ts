/** The places of the console: what stands in the navigation, and the key that goes there after `g`. */
import {
  BellRing,
  FileChartColumn,
  Gauge,
  HardDrive,
  KeyRound,
  Laptop,
  type LucideIcon,
  RotateCcw,
  ScrollText,
  Settings,
  SlidersHorizontal,
  TicketPlus,
} from 'lucide-react'

export interface Place {
  readonly path: string
  readonly name: string
  readonly key: string
  readonly icon: LucideIcon
  /** A line goes above it. */
  readonly begins?: boolean
}

export const places: readonly Place[] = [
  { path: '/', name: 'Overview', key: 'o', icon: Gauge },
  { path: '/devices', name: 'Devices', key: 'd', icon: Laptop },
  { path: '/restore', name: 'Restore', key: 'r', icon: RotateCcw },
  { path: '/policies', name: 'Policies', key: 'p', icon: SlidersHorizontal, begins: true },
  { path: '/enrolment', name: 'Enrolment', key: 'e', icon: TicketPlus },
  { path: '/storage', name: 'Storage', key: 's', icon: HardDrive },
  { path: '/alerts', name: 'Alerts', key: 'a', icon: BellRing, begins: true },
  { path: '/reports', name: 'Reports', key: 't', icon: FileChartColumn },
  { path: '/audit', name: 'Audit', key: 'u', icon: ScrollText },
  { path: '/keys', name: 'Keys and recovery', key: 'k', icon: KeyRound, begins: true },
  { path: '/settings', name: 'Settings', key: 'c', icon: Settings },
]
