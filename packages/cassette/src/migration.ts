export type { Comparator, Comparison } from './compare/comparator.ts'
export { createComparators } from './compare/create-comparators.ts'
export type { Embed } from './compare/embedding-comparator.ts'
export type { AskJudge } from './compare/judge-comparator.ts'
export { type ImportOptions, type ImportResult, importExport } from './import/import-export.ts'
export { IMPORT_SOURCES, type ImportSource } from './import/imported-call.ts'
export {
  type AnnotateOptions,
  type AnnotateResult,
  annotateCorpus,
  type CategoryRule,
} from './migrate/annotate.ts'
export type { Pricer } from './migrate/answer-of.ts'
export { apiKeyIn, MissingKeyError } from './migrate/api-key.ts'
export { askJudge, type ModelAccess } from './migrate/ask-judge.ts'
export type { AskOptions } from './migrate/ask-model.ts'
export { type Corpus, type CorpusPrompt, readCorpus } from './migrate/corpus.ts'
export { costBudget } from './migrate/cost-budget.ts'
export { embedTexts } from './migrate/embed-texts.ts'
export {
  type KeptAnswer,
  type KeptCall,
  type KeptCalls,
  type LiveCallOptions,
  liveCalls,
  recordedCalls,
} from './migrate/kept-calls.ts'
export { listPricer } from './migrate/list-pricer.ts'
export { type Budget, type LiveOptions, liveAnswers, RefusedKeyError } from './migrate/live-answers.ts'
export { type MigrateOptions, type MigrateProgress, migrate } from './migrate/migrate.ts'
export { type MigrationPlan, type PlanOptions, planMigration } from './migrate/plan.ts'
export { recordedAnswers, type TargetAnswers, type TargetResult } from './migrate/target-answers.ts'
export type { TargetModel } from './migrate/target-request.ts'
export { LIST_PRICES } from './prices/list-prices.ts'
export { type PriceList, type PricesAsOf, selectPrices } from './prices/price-list.ts'
export { type PriceSnapshot, type PriceTable, type Rates, withOwnPrices } from './prices/price-table.ts'
export { readPriceFolder } from './prices/read-prices.ts'
export type { Provider, ProviderName } from './providers/provider.ts'
export { providerForModel, providerNamed } from './providers/providers.ts'
export {
  intervalText,
  metricText,
  moneyText,
  percentText,
  ratioText,
  scoreText,
  totalText,
} from './report/figure-text.ts'
export { renderHtml } from './report/html.ts'
export { renderJson } from './report/json.ts'
export { renderJunit } from './report/junit.ts'
export { DEFAULT_MAX_DETAIL_ROWS, type DetailOptions, renderMarkdown } from './report/markdown.ts'
export type {
  Answer,
  CategorySummary,
  ComparatorSummary,
  Cost,
  Gate,
  MigrationReport,
  PricingNote,
  PricingSnapshot,
  Rate,
  ReportRow,
  RowCounts,
  RowStatus,
  Sample,
  ThresholdResult,
  Total,
  TotalMetric,
} from './report/report.ts'
export { type RowVerdict, rowVerdict, type Verdict, verdictOf } from './report/verdict.ts'
