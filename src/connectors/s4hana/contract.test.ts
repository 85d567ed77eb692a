import { s4hana } from '#connectors/s4hana/connector';
import { s4hanaBench } from '#connectors/s4hana/testing';
import { contract } from '#spi/contract';

contract(s4hana, s4hanaBench());
