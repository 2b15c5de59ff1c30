import { render } from '@testing-library/svelte'

import { describeBinding } from './binding-contract.ts'
import RunesPanel from './fixtures/svelte-runes-panel.svelte'
import RunesSelection from './fixtures/svelte-runes-selection.svelte'
import StorePanel from './fixtures/svelte-store-panel.svelte'
import StoreSelection from './fixtures/svelte-store-selection.svelte'

for (const [name, Panel, Selection] of [
  ['Svelte with runes', RunesPanel, RunesSelection],
  ['Svelte with $store', StorePanel, StoreSelection],
] as const) {
  describeBinding({
    name,
    panel(source, probe) {
      const { container, unmount } = render(Panel, { props: { source, ...probe } })
      return { root: container, unmount }
    },
    selection(client, select, probe) {
      const { container, unmount } = render(Selection, { props: { client, select, ...probe } })
      return { root: container, unmount }
    },
  })
}
