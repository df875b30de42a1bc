//! The elements of EC2's documents that are read (EC2 API Reference, `DescribeInstances` and "Error
//! codes").

use std::collections::BTreeMap;

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

/// The addresses of one instance.
#[derive(Default)]
struct Addresses {
    listed: Vec<String>,
    /// Whether prefixes are delegated to it, of whose addresses any may be registered (EC2 User Guide,
    /// "Prefix delegation for Amazon EC2 network interfaces").
    prefixed: bool,
}

/// The private addresses of each instance of an answer, but of those with prefixes, whose addresses are
/// not known one by one.
pub(super) fn addresses(body: &str) -> Result<BTreeMap<String, Vec<String>>, XmlDecodeError> {
    let mut document = Document::new(body);
    let mut root = document.root_element()?;
    let mut found = BTreeMap::new();
    each(&mut root, "reservationSet", &mut |reservations| {
        each(reservations, "item", &mut |reservation| {
            each(reservation, "instancesSet", &mut |instances| {
                each(instances, "item", &mut |instance| {
                    let (id, Addresses { listed, prefixed }) = of_instance(instance)?;
                    if !prefixed {
                        found.insert(id, listed);
                    }
                    Ok(())
                })
            })
        })
    })?;
    Ok(found)
}

/// An instance that says no address has none that could be registered; one without an id is not
/// readable.
fn of_instance(
    instance: &mut ScopedDecoder<'_, '_>,
) -> Result<(String, Addresses), XmlDecodeError> {
    let mut id = None;
    let mut addresses = Addresses::default();
    while let Some(mut tag) = instance.next_tag() {
        match tag.start_el().local() {
            "instanceId" => id = Some(try_data(&mut tag)?.into_owned()),
            "privateIpAddress" => addresses.listed.push(try_data(&mut tag)?.into_owned()),
            "networkInterfaceSet" => each(&mut tag, "item", &mut |interface| {
                of_interface(interface, &mut addresses)
            })?,
            _ => {}
        }
    }
    addresses.listed.sort();
    addresses.listed.dedup();
    let id = id.ok_or_else(|| XmlDecodeError::custom("an instance without an id"))?;
    Ok((id, addresses))
}

fn of_interface(
    interface: &mut ScopedDecoder<'_, '_>,
    addresses: &mut Addresses,
) -> Result<(), XmlDecodeError> {
    while let Some(mut tag) = interface.next_tag() {
        let name = match tag.start_el().local() {
            "privateIpAddressesSet" => "privateIpAddress",
            "ipv6AddressesSet" => "ipv6Address",
            "ipv4PrefixSet" | "ipv6PrefixSet" => {
                each(&mut tag, "item", &mut |_prefix| {
                    addresses.prefixed = true;
                    Ok(())
                })?;
                continue;
            }
            _ => continue,
        };
        each(&mut tag, "item", &mut |item| {
            each(item, name, &mut |address| {
                addresses.listed.push(try_data(address)?.into_owned());
                Ok(())
            })
        })?;
    }
    Ok(())
}

type Visit<'v> = &'v mut dyn FnMut(&mut ScopedDecoder<'_, '_>) -> Result<(), XmlDecodeError>;

/// Every child of this name.
fn each(
    of: &mut ScopedDecoder<'_, '_>,
    name: &str,
    visit: Visit<'_>,
) -> Result<(), XmlDecodeError> {
    while let Some(mut tag) = of.next_tag() {
        if tag.start_el().local() == name {
            visit(&mut tag)?;
        }
    }
    Ok(())
}

/// The code and the message of an error; empty where the body is none of EC2's.
pub(super) fn error(body: &str) -> ErrorMetadata {
    let mut builder = ErrorMetadata::builder();
    let mut document = Document::new(body);
    let Ok(mut root) = document.root_element() else {
        return builder.build();
    };
    let read = each(&mut root, "Errors", &mut |errors| {
        each(errors, "Error", &mut |error| {
            while let Some(mut tag) = error.next_tag() {
                let taken = std::mem::take(&mut builder);
                builder = match tag.start_el().local() {
                    "Code" => taken.code(try_data(&mut tag)?),
                    "Message" => taken.message(try_data(&mut tag)?),
                    _ => taken,
                };
            }
            Ok(())
        })
    });
    match read {
        Ok(()) => builder.build(),
        Err(_unreadable) => ErrorMetadata::builder().build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_with_a_prefix_has_addresses_that_are_not_known() {
        let with = |prefixes: &str| {
            let body = format!(
                "<DescribeInstancesResponse><reservationSet><item><instancesSet>\
                <item><instanceId>i-1</instanceId><privateIpAddress>10.0.0.1</privateIpAddress>\
                <networkInterfaceSet><item>{prefixes}</item></networkInterfaceSet></item>\
                </instancesSet></item></reservationSet></DescribeInstancesResponse>"
            );
            addresses(&body).expect("is readable").len()
        };
        let prefix = "<item><ipv4Prefix>10.0.1.0/28</ipv4Prefix></item>";
        assert_eq!(with(&format!("<ipv4PrefixSet>{prefix}</ipv4PrefixSet>")), 0);
        let prefix = "<item><ipv6Prefix>2001:db8::/80</ipv6Prefix></item>";
        assert_eq!(with(&format!("<ipv6PrefixSet>{prefix}</ipv6PrefixSet>")), 0);
        assert_eq!(with("<ipv4PrefixSet/>"), 1);
    }

    #[test]
    fn every_address_of_every_interface_is_found_once() {
        let body = "<DescribeInstancesResponse><reservationSet><item><instancesSet>\
            <item><instanceId>i-1</instanceId><privateIpAddress>10.0.0.1</privateIpAddress>\
            <networkInterfaceSet><item><privateIpAddress>10.0.0.1</privateIpAddress>\
            <privateIpAddressesSet><item><privateIpAddress>10.0.0.1</privateIpAddress></item>\
            <item><privateIpAddress>10.0.0.9</privateIpAddress></item></privateIpAddressesSet>\
            <ipv6AddressesSet><item><ipv6Address>fd00::1</ipv6Address></item></ipv6AddressesSet>\
            </item></networkInterfaceSet></item></instancesSet></item>\
            <item><instancesSet><item><instanceId>i-2</instanceId></item></instancesSet></item>\
            </reservationSet></DescribeInstancesResponse>";
        let expected = [
            ("i-1", vec!["10.0.0.1", "10.0.0.9", "fd00::1"]),
            ("i-2", vec![]),
        ];
        let expected: BTreeMap<String, Vec<String>> = expected
            .map(|(id, addresses)| {
                let addresses = addresses.into_iter().map(str::to_owned);
                (id.to_owned(), addresses.collect())
            })
            .into();
        assert_eq!(addresses(body).expect("is well formed"), expected);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_an_answer_without_instances() {
        let nameless = "<R><reservationSet><item><instancesSet><item><imageId>a</imageId></item>\
            </instancesSet></item></reservationSet></R>";
        for body in ["", "<html", "not xml", nameless] {
            assert!(addresses(body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_keeps_its_code_and_message() {
        let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>\
            <Message>You are not authorized</Message></Error></Errors></Response>";
        let read = error(body);
        assert_eq!(read.code(), Some("UnauthorizedOperation"));
        assert_eq!(read.message(), Some("You are not authorized"));
        assert_eq!(error("<html>").code(), None);
    }
}
