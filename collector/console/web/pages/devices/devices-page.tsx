/** Who is not protected? */
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { addressOf } from '../../api/client.ts'
import { Page } from '../../parts/page.tsx'
import { useAddress } from '../../words/address.ts'
import { BulkBar } from './bulk-bar.tsx'
import { DeviceTable } from './device-table.tsx'
import './devices.css'
import { FilterBar } from './filter-bar.tsx'
import { SidePanel } from './side-panel.tsx'
import { useDeviceList } from './use-device-list.ts'
import { useSelection } from './use-selection.ts'
import { ViewTabs } from './view-tabs.tsx'
import { filtersOf, savedViews, usualViews } from './views.ts'

export function DevicesPage() {
  const [address, change] = useAddress()
  const [saved, setSaved] = useState(() => savedViews(localStorage))
  const views = useMemo(() => [...usualViews, ...saved], [saved])
  const filters = filtersOf(address, views)
  const sort = address.get('sort') ?? 'state'
  const list = useDeviceList(filters, sort)
  const selection = useSelection()
  const row = address.get('row') ?? undefined
  const focus = (device: string | undefined) => change({ row: device })
  return (
    <Page
      fixed
      title="Devices"
      actions={
        <>
          <a className="button plain" href={addressOf('/devices.csv', { ...filters, sort })} download>
            <Download size={14} aria-hidden />
            CSV
          </a>
          <Link href="/enrolment" className="button main">
            Enrol devices
          </Link>
        </>
      }
    >
      <ViewTabs views={views} saved={saved} onSaved={setSaved} />
      <FilterBar total={list.total} />
      <div className="devices-body">
        <DeviceTable list={list} sort={sort} selection={selection} row={row} onRow={focus} />
        {row !== undefined && <SidePanel device={row} onClose={() => focus(undefined)} />}
      </div>
      {selection.ids.length > 0 && <BulkBar selection={selection} items={list.items} />}
    </Page>
  )
}
