import { runAdminProcess } from '../../collector/console/admin-process.ts'
import { quickLogN } from './here.ts'

void runAdminProcess(quickLogN)
