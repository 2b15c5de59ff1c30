import { render } from '@testing-library/vue'
import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'

import { describeBinding } from './binding-contract.ts'
import { VuePanel, VueSelection } from './fixtures/vue-panel.ts'

describeBinding({
  name: 'Vue',
  panel(source, probe) {
    const { container, unmount } = render(VuePanel, { props: { source: () => source, ...probe } })
    return { root: container, unmount }
  },
  serverHtml: (source) => renderToString(createSSRApp(VuePanel, { source: () => source })),
  hydrate(root, source, probe) {
    const app = createSSRApp(VuePanel, { source: () => source, ...probe })
    app.mount(root)
    return { root, unmount: () => app.unmount() }
  },
  selection(client, select, probe) {
    const { container, unmount } = render(VueSelection, { props: { client, select, ...probe } })
    return { root: container, unmount }
  },
})
