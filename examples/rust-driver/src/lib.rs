// SPDX-License-Identifier: Apache-2.0
//! A driver in Rust, without any crate: keeps objects in memory, by type and name.

mod abi;

use abi::*;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

/// What a verb that failed says.
struct Refused {
    code: i32,
    message: String,
}

type Outcome = Result<(u32, String), Refused>;

struct Drawer {
    host: *const Host,
    log: Option<&'static Log>,
    objects: BTreeMap<(String, String), String>, // JSON by type and name
}

impl Drawer {
    fn perform(&mut self, call: &Call) -> Outcome {
        let (kind, name, object) = unsafe { (call.kind.as_str(), call.name.as_str(), call.object.as_str()) };
        let key = (kind.to_string(), name.to_string());
        if call.flags != 0 {
            return refused(UNSUPPORTED, "The drawer knows no flags.".to_string()); // a dry run must not write: never guess
        }
        match call.verb {
            LIST => {
                let of_type: Vec<&str> =
                    self.objects.iter().filter(|((other, _), _)| other == kind).map(|(_, object)| object.as_str()).collect();
                Ok((DONE, format!("{{\"items\": [{}]}}", of_type.join(", "))))
            }
            GET => match self.objects.get(&key) {
                Some(object) => Ok((DONE, object.clone())),
                None => absent(name),
            },
            CREATE => {
                if self.objects.contains_key(&key) {
                    return refused(ALREADY_EXISTS, format!("{name} is in the drawer already."));
                }
                self.objects.insert(key, object.to_string());
                self.info(call, &format!("put {name} into the drawer"));
                Ok((CREATED, object.to_string()))
            }
            REPLACE => match self.objects.get_mut(&key) {
                Some(held) => {
                    *held = object.to_string();
                    Ok((CHANGED, object.to_string()))
                }
                None => absent(name),
            },
            DELETE => match self.objects.remove(&key) {
                Some(_) => Ok((DONE, String::new())),
                None => Ok((UNCHANGED, String::new())), // that it is absent is what was wanted
            },
            _ => refused(UNSUPPORTED, format!("The drawer does not know verb {}.", call.verb)),
        }
    }

    fn info(&self, call: &Call, line: &str) {
        if let Some(log) = self.log {
            unsafe { (log.write)(self.host, call, LOG_INFO, Text::new(line)) }
        }
    }
}

fn refused(code: i32, message: String) -> Outcome {
    Err(Refused { code, message })
}

fn absent(name: &str) -> Outcome {
    refused(NOT_FOUND, format!("{name} is not in the drawer."))
}

// ---- the boundary: no panic passes it ----

unsafe extern "C" fn create(host: *const Host, _settings: Text, sink: *mut Sink) -> *mut Drawer {
    let made = catch_unwind(AssertUnwindSafe(|| {
        let log = ((*host).get_extension)(host, Text::new(EXT_LOG)) as *const Log;
        Box::into_raw(Box::new(Drawer { host, log: log.as_ref(), objects: BTreeMap::new() }))
    }));
    made.unwrap_or_else(|_| {
        (*sink).fail(INTERNAL, RETRY_NEVER, "The drawer can't be made.");
        ptr::null_mut()
    })
}

unsafe extern "C" fn destroy(drawer: *mut Drawer) {
    drop(Box::from_raw(drawer));
}

/// One call at a time: the descriptor does not say concurrent. So the reference is the only one.
unsafe extern "C" fn perform(drawer: *mut Drawer, call: *const Call, sink: *mut Sink) {
    let sink = &mut *sink;
    match catch_unwind(AssertUnwindSafe(|| (*drawer).perform(&*call))) {
        Ok(Ok((outcome, object))) => sink.succeed(outcome, &object),
        Ok(Err(refused)) => sink.fail(refused.code, RETRY_NEVER, &refused.message),
        Err(_) => sink.fail(INTERNAL, RETRY_NEVER, "The drawer panicked."),
    }
}

unsafe extern "C" fn get_extension(_drawer: *mut Drawer, _id: Text) -> *const c_void {
    ptr::null()
}

static DESCRIPTOR: Descriptor = Descriptor {
    size: size_of::<Descriptor>() as u32,
    flags: 0,
    capabilities: CAN_ALL,
    name: Text::new("drawer"),
    version: Text::new("1.0.0"),
    vendor: Text::new("Example Ltd"),
    url: Text::new("https://example.org/drawer"),
    summary: Text::new("keeps objects in memory, in Rust"),
    settings_schema: Text::new("{\"type\": \"object\", \"properties\": {}}"),
};

static FUNCTIONS: Functions<Drawer> =
    Functions { size: size_of::<Functions<Drawer>>() as u32, reserved: 0, create, destroy, perform, get_extension };

/// The one symbol that the library exports.
#[no_mangle]
#[allow(non_upper_case_globals)]
static rsf_driver_entry: Entry<Drawer> = Entry::new(&DESCRIPTOR, &FUNCTIONS);
