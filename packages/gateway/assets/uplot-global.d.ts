/** What `uplot.js` leaves behind: the page has no bundler. */
declare const uPlot: typeof import('uplot').default
