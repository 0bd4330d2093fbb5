// SPDX-License-Identifier: Apache-2.0
//! The C headers of the SDK, as much of them as this driver uses, written down by hand.
//! ABI 1.0: https://github.com/resourcifier/resourcifier/tree/main/sdk/include/resourcifier

use std::ffi::c_void;
use std::mem::size_of;

pub const LIST: u32 = 1;
pub const GET: u32 = 2;
pub const CREATE: u32 = 3;
pub const REPLACE: u32 = 4;
pub const DELETE: u32 = 5;

pub const NOT_FOUND: i32 = 1;
pub const ALREADY_EXISTS: i32 = 2;
pub const UNSUPPORTED: i32 = 10;
pub const INTERNAL: i32 = 11;

pub const RETRY_NEVER: i32 = 1;

pub const DONE: u32 = 0;
pub const UNCHANGED: u32 = 1;
pub const CREATED: u32 = 2;
pub const CHANGED: u32 = 3;

pub const LOG_INFO: i32 = 2;

/// UTF-8, valid only for the call that it is given to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    data: *const u8,
    size: usize,
}

impl Text {
    pub const fn new(text: &str) -> Text {
        Text { data: text.as_ptr(), size: text.len() }
    }

    /// # Safety
    /// Only within the call that it was given to. The host promises UTF-8.
    pub unsafe fn as_str<'a>(self) -> &'a str {
        if self.size == 0 {
            return "";
        }
        std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.data, self.size))
    }
}

#[repr(C)]
pub struct Failure {
    pub size: u32,
    pub code: i32,
    pub message: Text,
    pub retry: i32,
    pub reserved: i32,
    pub retry_after_ms: i64,
    pub details: Text,
}

#[repr(C)]
pub struct Answer {
    pub size: u32,
    pub outcome: u32,
    pub object: Text,
    pub selflink: Text,
}

#[repr(C)]
pub struct Sink {
    size: u32,
    reserved: u32,
    succeed: unsafe extern "C" fn(*mut Sink, *const Answer),
    fail: unsafe extern "C" fn(*mut Sink, *const Failure),
}

impl Sink {
    pub fn succeed(&mut self, outcome: u32, object: &str) {
        let answer = Answer {
            size: size_of::<Answer>() as u32,
            outcome,
            object: Text::new(object),
            selflink: Text::new(""),
        };
        unsafe { (self.succeed)(self, &answer) }
    }

    pub fn fail(&mut self, code: i32, retry: i32, message: &str) {
        let failure = Failure {
            size: size_of::<Failure>() as u32,
            code,
            message: Text::new(message),
            retry,
            reserved: 0,
            retry_after_ms: 0,
            details: Text::new(""),
        };
        unsafe { (self.fail)(self, &failure) }
    }
}

#[repr(C)]
pub struct Call {
    pub size: u32,
    pub verb: u32,
    pub flags: u32,
    pub reserved: u32,
    pub deadline_ns: i64,
    pub kind: Text, // "type" in C, which is a word of Rust's
    pub name: Text,
    pub ns: Text,
    pub label_selector: Text,
    pub field_selector: Text,
    pub object: Text,
    pub request_id: Text,
    pub cancelled: unsafe extern "C" fn(*const Call) -> i32,
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub reserved: u32,
    pub name: Text,
    pub version: Text,
    pub target: Text,
    pub get_extension: unsafe extern "C" fn(*const Host, Text) -> *const c_void,
}

pub const EXT_LOG: &str = "rsf.log/1";

#[repr(C)]
pub struct Log {
    pub size: u32,
    pub reserved: u32,
    pub write: unsafe extern "C" fn(*const Host, *const Call, i32, Text),
}

pub const CAN_ALL: u64 = 1 << LIST | 1 << GET | 1 << CREATE | 1 << REPLACE | 1 << DELETE;

#[repr(C)]
pub struct Descriptor {
    pub size: u32,
    pub flags: u32,
    pub capabilities: u64,
    pub name: Text,
    pub version: Text,
    pub vendor: Text,
    pub url: Text,
    pub summary: Text,
    pub settings_schema: Text,
}

/// Driver: an instance, whatever the driver makes of it.
#[repr(C)]
pub struct Functions<Driver> {
    pub size: u32,
    pub reserved: u32,
    pub create: unsafe extern "C" fn(*const Host, Text, *mut Sink) -> *mut Driver,
    pub destroy: unsafe extern "C" fn(*mut Driver),
    pub perform: unsafe extern "C" fn(*mut Driver, *const Call, *mut Sink),
    pub get_extension: unsafe extern "C" fn(*mut Driver, Text) -> *const c_void,
}

#[repr(C)]
pub struct Entry<Driver: 'static> {
    size: u32,
    magic: u32,
    abi_major: u32,
    abi_minor: u32,
    descriptor: &'static Descriptor,
    functions: &'static Functions<Driver>,
}

impl<Driver> Entry<Driver> {
    pub const fn new(descriptor: &'static Descriptor, functions: &'static Functions<Driver>) -> Self {
        Entry {
            size: size_of::<Self>() as u32,
            magic: 0x3166_7372,
            abi_major: NOTE.abi_major,
            abi_minor: NOTE.abi_minor,
            descriptor,
            functions,
        }
    }
}

// Constant data, whose pointers lead to constant data.
unsafe impl Sync for Descriptor {}
unsafe impl<Driver> Sync for Functions<Driver> {}
unsafe impl<Driver> Sync for Entry<Driver> {}

#[repr(C, align(4))]
struct Note {
    name_size: u32,
    desc_size: u32,
    kind: u32,
    name: [u8; 16],
    abi_major: u32,
    abi_minor: u32,
}

/// What the host reads from the file before it loads it.
#[used]
#[link_section = ".note.resourcifier"]
static NOTE_IN_FILE: Note = NOTE;
const NOTE: Note =
    Note { name_size: 13, desc_size: 8, kind: 1, name: *b"resourcifier\0\0\0\0", abi_major: 1, abi_minor: 0 };

// The sizes that the C headers pin for 64 bits.
const _: () = assert!(size_of::<Text>() == 16 && size_of::<Failure>() == 56 && size_of::<Answer>() == 40);
const _: () = assert!(size_of::<Sink>() == 24 && size_of::<Call>() == 144 && size_of::<Host>() == 72);
const _: () = assert!(size_of::<Descriptor>() == 112 && size_of::<Functions<u8>>() == 40 && size_of::<Entry<u8>>() == 32);
const _: () = assert!(size_of::<Note>() == 36 && size_of::<Log>() == 16);
