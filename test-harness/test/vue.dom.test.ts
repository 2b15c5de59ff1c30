import { render } from '@testing-library/vue'

import { describeBinding } from './binding-contract.ts'
import { VuePanel, VueSelection } from './fixtures/vue-panel.ts'

describeBinding({
  name: 'Vue',
  panel(source, probe) {
    const { container, unmount } = render(VuePanel, { props: { source: () => source, ...probe } })
    return { root: container, unmount }
  },
  selection(client, select, probe) {
    const { container, unmount } = render(VueSelection, { props: { client, select, ...probe } })
    return { root: container, unmount }
  },
})
