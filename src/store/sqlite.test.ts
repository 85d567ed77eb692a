import { conformance } from '#store/conformance';
import { openSqlite } from '#store/sqlite';

conformance('sqlite', async () => openSqlite({ file: ':memory:' }));
