//! Commands about the program: its classes, functions, constants, files, extensions.

use super::{
    Answer, Command, EVERYWHERE, MISSING, REFUSED, ask, commands, elements, found, given, list_of, lossy, named, new, php,
    refused, string, text,
};
use crate::zend::{PhpResult, Value, ZendObject, ZvalExt};

pub(super) fn commands() -> Vec<Command> {
    let mut list = commands!(EVERYWHERE => {
        "get_included_files" => included,
        "get_defined_constants" => constants,
        "get_loaded_extensions" => extensions,
        "get_declared_interfaces" => interfaces,
        "get_declared_traits" => traits,
        "get_included_file_contents" => contents,
        "get_globals" => globals,
        "get_extension_info" => extension,
        "get_composer_packages" => packages,
    });
    if crate::zend::invoke::function_exists("opcache_get_status") {
        list.extend(commands!(EVERYWHERE => { "opcache_status" => opcache, }));
    }
    list
}

fn or_empty(value: Value) -> Value {
    if value.as_zval().to_bool() { value } else { text("") }
}

/// Where a class or function is from: file and line, empty for those of PHP itself.
pub(super) fn place(reflection: &Value) -> PhpResult<(Value, Value)> {
    Ok((or_empty(ask(reflection, b"getFileName", [])?), or_empty(ask(reflection, b"getStartLine", [])?)))
}

fn included(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(named([("files", php(c"get_included_files", [])?)]))
}

fn interfaces(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(php(c"get_declared_interfaces", [])?)
}

fn traits(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(php(c"get_declared_traits", [])?)
}

fn opcache(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(php(c"opcache_get_status", [Value::bool(true)])?)
}

/// Constants that JSON can say.
fn sayable(constants: &Value) -> Value {
    let mut list = Value::array(64);
    let mut array = list.array_mut();
    for (name, value) in elements(constants) {
        let is_number = value.as_zval().double().is_none_or(f64::is_finite);
        if let (Some(name), true, false) = (name.as_zval().bytes(), is_number, value.as_zval().is_resource()) {
            array.set_bytes(name, value);
        }
    }
    list
}

fn constants(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(sayable(&php(c"get_defined_constants", [])?))
}

fn extensions(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (id, (_, name)) in elements(&php(c"get_loaded_extensions", [])?).into_iter().enumerate() {
        let version = ask(&new(b"ReflectionExtension", [name.clone()])?, b"getVersion", [])?;
        let version = text(&lossy(&version));
        list.push(named([("id", Value::long(id as i64 + 1)), ("name", name), ("version", version)]));
    }
    found(list_of(list))
}

fn contents(_server: &mut ZendObject, asked: &Value) -> Answer {
    let Some(name) = given(asked, "filename").and_then(ZvalExt::to_zstr) else { return refused("require filename", REFUSED) };
    let path = std::path::Path::new(std::ffi::OsStr::new(str::from_utf8(&name).unwrap_or_default()));
    if !path.exists() {
        return refused(&format!("{} not exist", path.display()), MISSING);
    }
    let is_ours =
        elements(&php(c"get_included_files", [])?).iter().any(|(_, file)| file.as_zval().bytes() == Some(name.as_bytes()));
    match std::fs::read(path) {
        Ok(content) if is_ours => found(Value::string(&content)),
        _ => refused("no permission", REFUSED),
    }
}

fn globals(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (name, value) in elements(&crate::zend::inspect::globals()) {
        let kind = php(c"gettype", [value.clone()])?;
        let mut other = Value::array(0);
        if value.as_zval().is_object() {
            other = named([
                ("class_name", php(c"get_class", [value.clone()])?),
                ("object_id", php(c"spl_object_id", [value.clone()])?),
                ("object_hash", php(c"spl_object_hash", [value.clone()])?),
            ]);
        }
        let value = if value.as_zval().is_resource() { text("") } else { value };
        list.push(named([("key", name), ("value", value), ("type", kind), ("other", other)]));
    }
    found(list_of(list))
}

fn extension(_server: &mut ZendObject, asked: &Value) -> Answer {
    let name = given(asked, "extension_name").map(Value::copy_of);
    let Some(name) = name else { return refused("require extension_name", MISSING) };
    if !php(c"extension_loaded", [name.clone()])?.as_zval().to_bool() {
        return refused("require extension_name", MISSING);
    }
    let reflection = new(b"ReflectionExtension", [name])?;
    php(c"ob_start", [])?;
    ask(&reflection, b"info", [])?;
    let info = php(c"ob_get_clean", [])?;
    found(named([
        ("classes", ask(&reflection, b"getClassNames", [])?),
        ("version", ask(&reflection, b"getVersion", [])?),
        ("constants", sayable(&ask(&reflection, b"getConstants", [])?)),
        ("ini_entries", ask(&reflection, b"getINIEntries", [])?),
        ("dependencies", ask(&reflection, b"getDependencies", [])?),
        ("functions", php(c"array_keys", [ask(&reflection, b"getFunctions", [])?])?),
        ("info", text(lossy(&info).trim())),
    ]))
}

/// What Composer has installed, by the name of each root package.
fn packages(_server: &mut ZendObject, _asked: &Value) -> Answer {
    const CLASS: &str = "Composer\\InstalledVersions";
    let exists = php(c"class_exists", [text(CLASS)])?.as_zval().to_bool();
    if !exists || !php(c"method_exists", [text(CLASS), text("getAllRawData")])?.as_zval().to_bool() {
        return refused("require composer 2.0", REFUSED);
    }
    let all = php(c"call_user_func", [list_of([text(CLASS), text("getAllRawData")])])?;
    let mut list = Value::array(4);
    for (number, (_, package)) in elements(&all).into_iter().enumerate() {
        let root = package.as_zval().as_array().and_then(|package| package.get("root")).and_then(ZvalExt::as_array);
        let name = root.and_then(|root| root.get("name")).and_then(ZvalExt::to_zstr);
        let mut name = name.map_or_else(String::new, |name| String::from_utf8_lossy(&name).into_owned());
        if list.as_zval().as_array().is_some_and(|list| list.get(&name).is_some()) {
            name.push_str(&number.to_string());
        }
        list.array_mut().set(&name, package);
    }
    found(list)
}

pub(super) fn functions(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let all = php(c"get_defined_functions", [])?;
    let part = |name: &str| all.as_zval().as_array().and_then(|all| all.get(name)).map_or_else(Value::null, Value::copy_of);
    let mut user = Vec::new();
    for (_, name) in elements(&part("user")) {
        let (file, line) = place(&new(b"ReflectionFunction", [name.clone()])?)?;
        user.push(named([("function", name), ("filename", file), ("line", line)]));
    }
    let mut answer = named([("internal", part("internal"))]);
    if !user.is_empty() {
        answer.array_mut().set("user", list_of(user));
    }
    found(answer)
}

pub(super) fn classes(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (_, name) in elements(&php(c"get_declared_classes", [])?) {
        let (file, line) = place(&new(b"ReflectionClass", [name.clone()])?)?;
        list.push(named([("class", name), ("filename", file), ("line", line)]));
    }
    found(list_of(list))
}

fn modifiers(member: &Value) -> PhpResult<Value> {
    let bits = ask(member, b"getModifiers", [])?;
    let names = php(c"call_user_func", [list_of([text("Reflection"), text("getModifierNames")]), bits])?;
    php(c"implode", [text(" "), names])
}

fn is_static(member: &Value) -> PhpResult<bool> {
    Ok(ask(member, b"isStatic", [])?.as_zval().to_bool())
}

pub(super) fn class_info(_server: &mut ZendObject, asked: &Value) -> Answer {
    let exists = |function, name: &Value| -> PhpResult<bool> {
        Ok(php(function, [name.clone(), Value::bool(false)])?.as_zval().to_bool())
    };
    let (name, may_be_class) = match (given(asked, "class_name"), given(asked, "interface_name")) {
        (Some(name), _) => (Value::copy_of(name), true),
        (None, Some(name)) => (Value::copy_of(name), false),
        (None, None) => return Ok((named([("error", text("require class_name or interface_name"))]), MISSING)),
    };
    let known = (may_be_class && exists(c"class_exists", &name)?) || exists(c"interface_exists", &name)?;
    if !known {
        return refused(&format!("{} not exists", lossy(&name)), REFUSED);
    }
    let class = new(b"ReflectionClass", [name])?;
    let mut constants = Vec::new();
    for (name, value) in elements(&ask(&class, b"getConstants", [])?) {
        let is_array = value.as_zval().is_array();
        let value = if is_array { php(c"var_export", [value, Value::bool(true)])? } else { value };
        constants.push(named([("name", name), ("value", value), ("type", text(if is_array { "detail" } else { "default" }))]));
    }
    let defaults = ask(&class, b"getDefaultProperties", [])?;
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for (_, member) in elements(&ask(&class, b"getProperties", [])?) {
        let name = ask(&member, b"getName", [])?;
        let value = defaults.as_zval().as_array().and_then(|all| all.get_bytes(name.as_zval().bytes()?));
        let value = value.map_or_else(Value::null, Value::copy_of);
        let entry = named([("name", name), ("value", value), ("modifiers", modifiers(&member)?)]);
        if is_static(&member)? { shared.push(entry) } else { own.push(entry) }
    }
    let (mut methods, mut statics) = (Vec::new(), Vec::new());
    for (_, member) in elements(&ask(&class, b"getMethods", [])?) {
        let line = or_empty(ask(&member, b"getStartLine", [])?);
        let entry = named([("name", ask(&member, b"getName", [])?), ("line", line), ("modifiers", modifiers(&member)?)]);
        if is_static(&member)? { statics.push(entry) } else { methods.push(entry) }
    }
    let parent = ask(&class, b"getParentClass", [])?;
    let parent = if parent.as_zval().is_object() { ask(&parent, b"getName", [])? } else { text("") };
    found(named([
        ("filename", ask(&class, b"getFileName", [])?),
        ("constants", list_of(constants)),
        ("staticProperties", list_of(shared)),
        ("properties", list_of(own)),
        ("staticMethods", list_of(statics)),
        ("methods", list_of(methods)),
        ("parentClass", parent),
        ("interface", ask(&class, b"getInterfaceNames", [])?),
    ]))
}

pub(super) fn function_info(_server: &mut ZendObject, asked: &Value) -> Answer {
    let Some(name) = given(asked, "function_name").map(Value::copy_of) else {
        return refused("require function_name", MISSING);
    };
    let (shared, reflection);
    if let Some(class) = given(asked, "class_name").map(Value::copy_of) {
        let is_class = php(c"class_exists", [class.clone()])?.as_zval().to_bool();
        if !is_class && !php(c"interface_exists", [class.clone()])?.as_zval().to_bool() {
            return refused(&format!("{} not exists", lossy(&class)), MISSING);
        }
        if !php(c"method_exists", [class.clone(), name.clone()])?.as_zval().to_bool() {
            return refused(&format!("{}->{} not exists", lossy(&class), lossy(&name)), MISSING);
        }
        reflection = new(b"ReflectionMethod", [class, name])?;
        shared = is_static(&reflection)?;
    } else {
        shared = false;
        if !php(c"function_exists", [name.clone()])?.as_zval().to_bool() {
            return refused(&format!("{} not exists", lossy(&name)), MISSING);
        }
        reflection = new(b"ReflectionFunction", [name])?;
    }
    let mut params = Vec::new();
    for (_, param) in elements(&ask(&reflection, b"getParameters", [])?) {
        params.push(parameter(&param)?);
    }
    found(named([
        ("filename", ask(&reflection, b"getFileName", [])?),
        ("line", or_empty(ask(&reflection, b"getStartLine", [])?)),
        ("num", ask(&reflection, b"getNumberOfParameters", [])?),
        ("user_defined", ask(&reflection, b"isUserDefined", [])?),
        ("extension", ask(&reflection, b"getExtensionName", [])?),
        ("is_static", Value::bool(shared)),
        ("params", list_of(params)),
    ]))
}

/// A parameter in parts, and as one text.
fn parameter(param: &Value) -> PhpResult<Value> {
    let yes = |method: &[u8]| -> PhpResult<bool> { Ok(ask(param, method, [])?.as_zval().to_bool()) };
    let name = lossy(&ask(param, b"getName", [])?);
    let kind = ask(param, b"getType", [])?;
    let kind = if kind.as_zval().is_object() { String::from_utf8_lossy(&string(&kind)?).into_owned() } else { String::new() };
    let (variadic, by_reference) = (yes(b"isVariadic")?, yes(b"isPassedByReference")?);
    let optional = !variadic && yes(b"isOptional")?;
    let mut default = String::new();
    if optional && yes(b"isDefaultValueAvailable")? {
        let value = ask(param, b"getDefaultValue", [])?;
        let is_array = value.as_zval().is_array();
        let text = if is_array { php(c"json_encode", [value])? } else { php(c"var_export", [value, Value::bool(true)])? };
        default = format!(" = {}", lossy(&text));
    }
    let sign = |on: bool, sign: &'static str| if on { sign } else { "" };
    let (optional, by_reference, variadic) = (sign(optional, "?"), sign(by_reference, "&"), sign(variadic, "..."));
    let front = format!("{optional}{kind} {by_reference}{variadic}");
    let full = format!("{}${name}{default}", front.trim_start());
    Ok(named([
        ("optional", text(optional)),
        ("type", text(&kind)),
        ("is_passed_by_reference", text(by_reference)),
        ("is_variadic", text(variadic)),
        ("name", text(&name)),
        ("default", text(&default)),
        ("full", text(&full)),
    ]))
}

pub(super) fn static_property(_server: &mut ZendObject, asked: &Value) -> Answer {
    let missing = |what: &str| Ok((named([("error", text(what))]), MISSING));
    let Some(class) = given(asked, "class_name").map(Value::copy_of) else { return missing("require class_name!") };
    let Some(name) = given(asked, "property_name").map(Value::copy_of) else { return missing("require property_name!") };
    if !php(c"class_exists", [class.clone()])?.as_zval().to_bool() {
        return refused(&format!("class[{}] not exists", lossy(&class)), MISSING);
    }
    let value = ask(&new(b"ReflectionClass", [class])?, b"getStaticPropertyValue", [name, Value::array(0)])?;
    found(named([("value", php(c"print_r", [value, Value::bool(true)])?)]))
}
