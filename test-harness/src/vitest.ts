export {
  type DescribeClientOptions,
  type DescribeReducerOptions,
  describeRecordings,
} from './describe-recordings.ts'

import './matchers.ts'
