import { type Expectations, withoutRoutes } from '../red.ts';

export default withoutRoutes('Wait on its address', 'edge.no_address') satisfies Expectations;
