//! Сколько чего в каждом настоящем файле.

use integrations::formats::Counts;

use crate::support::{fixture, read_path};

fn counts(name: &str) -> Counts {
    let read = read_path(&fixture(name)).unwrap();
    assert_eq!(read.problems(), Vec::<&_>::new(), "{name}");
    read.counts
}

#[test]
fn carono_catalogue() {
    let c = counts("carono/import.xml");
    assert_eq!((c.groups, c.group_depth), (22, 2));
    assert_eq!((c.properties, c.property_choices), (10, 154));
    assert_eq!((c.products, c.pictures, c.property_values), (2, 3, 7));
}

#[test]
fn dobromyslov_catalogue() {
    let c = counts("dobromyslov/import0_1.xml");
    assert_eq!((c.groups, c.group_depth), (1, 1));
    assert_eq!((c.properties, c.property_choices), (12, 12));
    assert_eq!((c.products, c.products_deleted, c.pictures), (36, 1, 0));
    assert_eq!((c.property_values, c.products_with_barcode), (415, 22));
}

#[test]
fn dobromyslov_nested_groups() {
    let c = counts("dobromyslov/import0_1_with_nested_groups.xml");
    assert_eq!((c.groups, c.group_depth), (13, 2));
    assert_eq!((c.properties, c.property_choices), (20, 26));
    assert_eq!((c.products, c.pictures), (283, 0));
    assert_eq!((c.property_values, c.products_with_barcode), (2537, 242));
}

#[test]
fn gillbeits_classifier_without_products() {
    let c = counts("gillbeits/import___b815e2db-7a65-4265-9241-5f0c4f0565a7.xml");
    assert_eq!((c.groups, c.group_depth), (97, 4));
    assert_eq!((c.properties, c.property_choices, c.properties_deleted), (1908, 1811, 12));
    assert_eq!((c.products, c.property_values, c.price_types), (0, 0, 1));
}

#[test]
fn argentcrusade_groups_of_3_1() {
    let c = counts("argentcrusade/group-example.xml");
    assert_eq!((c.groups, c.group_depth), (12, 4));
}

#[test]
fn readyscript_catalogue() {
    let c = counts("readyscript-sample/import.xml");
    assert_eq!((c.groups, c.group_depth), (4, 2));
    assert_eq!((c.properties, c.property_choices), (7, 2));
    assert_eq!((c.products, c.pictures, c.property_values), (1, 0, 7));
}

#[test]
fn carono_offers() {
    let c = counts("carono/offers.xml");
    assert_eq!((c.offers, c.offer_products), (5, 2));
    assert_eq!((c.prices, c.price_sum), (5, 7104_00));
    assert_eq!((c.stock_sum, c.warehouses), (219_000, 5));
    assert_eq!(c.stock_by_warehouse.values().copied().collect::<Vec<_>>(), [219_000]);
    assert_eq!(c.characteristics, 3);
}

#[test]
fn dobromyslov_offers() {
    let c = counts("dobromyslov/offers0_1.xml");
    assert_eq!((c.offers, c.offer_products), (44, 44));
    assert_eq!((c.prices, c.price_sum), (44, 4400_00));
    let mut by_warehouse: Vec<_> = c.stock_by_warehouse.values().copied().collect();
    by_warehouse.sort_unstable();
    assert_eq!((c.stock_sum, by_warehouse), (2_815_000, vec![11_000, 41_000, 2_763_000]));
}

#[test]
fn gillbeits_split_offers() {
    let c = counts("gillbeits/offers___7f304edc-2527-4d3d-b058-6e4ee53de2e0.xml");
    assert_eq!((c.offers, c.prices, c.stock_sum), (978, 0, 0));
    let c = counts("gillbeits/prices___d66a6b51-ce9c-4e7a-8c7c-25079721107f.xml");
    assert_eq!((c.offers, c.prices, c.price_sum), (978, 978, 366_563_00));
    let c = counts("gillbeits/rests___1af6e7b8-a026-4690-9752-1c9d64cb914d.xml");
    assert_eq!((c.offers, c.stock_sum, c.stock_by_warehouse.len()), (978, 1_924_000, 1));
}

#[test]
fn argentcrusade_split_offers() {
    let c = counts("argentcrusade/prices-example.xml");
    assert_eq!((c.offers, c.prices, c.price_sum), (3, 3, 2180_00));
    let c = counts("argentcrusade/remainders-example.xml");
    assert_eq!((c.offers, c.stock_sum, c.stock_by_warehouse.len()), (2, 70_000, 7));
    let mut nonzero: Vec<_> = c.stock_by_warehouse.values().copied().filter(|q| *q > 0).collect();
    nonzero.sort_unstable();
    assert_eq!(nonzero, [7_000, 12_000, 18_000, 33_000]);
}

#[test]
fn readyscript_offers() {
    let c = counts("readyscript-sample/offers.xml");
    assert_eq!((c.offers, c.offer_products), (2, 1));
    assert_eq!((c.prices, c.price_sum), (2, 24_712_00));
    assert_eq!((c.stock_sum, c.characteristics), (9_000, 2));
}

#[test]
fn a_folder_is_read_in_the_order_of_dependence() {
    let c = counts("gillbeits");
    assert_eq!((c.groups, c.properties, c.offers), (97, 1908, 978 * 3));
    let found = integrations::formats::find(&fixture("gillbeits"), &Default::default()).unwrap();
    let order: Vec<_> = found.documents.iter().map(|d| d.name.split('_').next().unwrap()).collect();
    assert_eq!(order, ["import", "offers", "prices", "rests"]);
}

#[test]
fn orders_and_a_bare_classifier_are_not_a_catalogue() {
    let c = counts("carono/orders.xml");
    assert_eq!((c.products, c.offers, c.ignored["Документ"]), (0, 0, 1));
    let c = counts("carono/classifier.xml");
    assert!(c.groups > 0 && c.properties > 0);
}
