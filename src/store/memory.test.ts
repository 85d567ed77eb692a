import { conformance } from '#store/conformance';
import { memoryStore } from '#store/memory';

conformance('memory', async () => memoryStore());
