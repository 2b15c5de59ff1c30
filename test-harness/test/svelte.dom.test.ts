import { render } from '@testing-library/svelte'
import { hydrate, unmount } from 'svelte'
import { render as renderOnServer } from 'svelte/server'

import { describeBinding } from './binding-contract.ts'
import RunesPanel from './fixtures/svelte-runes-panel.svelte'
import RunesSelection from './fixtures/svelte-runes-selection.svelte'
import { svelteServerComponent } from './fixtures/svelte-server-component.ts'
import StorePanel from './fixtures/svelte-store-panel.svelte'
import StoreSelection from './fixtures/svelte-store-selection.svelte'

for (const { face, Panel, Selection } of [
  { face: 'runes', Panel: RunesPanel, Selection: RunesSelection },
  { face: 'store', Panel: StorePanel, Selection: StoreSelection },
]) {
  describeBinding({
    name: `Svelte (${face})`,
    panel(source, probe) {
      const { container, unmount } = render(Panel, { props: { source, ...probe } })
      return { root: container, unmount }
    },
    serverHtml: (source) =>
      renderOnServer(svelteServerComponent(`svelte-${face}-panel.svelte`), { props: { source } }).body,
    hydrate(root, source, probe) {
      const component = hydrate(Panel, { target: root, props: { source, ...probe } })
      return { root, unmount: () => void unmount(component) }
    },
    selection(client, select, probe) {
      const { container, unmount } = render(Selection, { props: { client, select, ...probe } })
      return { root: container, unmount }
    },
  })
}
