import { type Expectations, withoutRoutes } from '../red.ts';

export default withoutRoutes('Wait on its acceptance', 'edge.not_accepted') satisfies Expectations;
