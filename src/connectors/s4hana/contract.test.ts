import { s4hana } from '#connectors/s4hana/connector';
import { s4hanaBench } from '#connectors/s4hana/testing';
import { contract } from '#spi/contract';

contract(s4hana, s4hanaBench());

// A release without the newer services; that they are asked for first is shown in the exchange tests.
contract(
  s4hana,
  s4hanaBench({
    config: { odata: { requisition: 'v2', order: 'v2' } },
    twin: { inactiveServices: ['CE_PURCHASEREQUISITION_0001', 'CE_PURCHASEORDER_0001'] },
    without: ['CE_PURCHASEREQUISITION_0001', 'CE_PURCHASEORDER_0001'],
  }),
  { title: 'version 2 of requisition and order', checks: /^(purchaseRequisition|purchaseOrder|permissions): / },
);
