<?php
/**
 * Prints the public surface that stubs/*.stub.php declare, as JSON: build.rs generates the registration from it.
 *
 *   php -n codegen/stubs.php stubs
 *
 * The stubs are real PHP with empty bodies, so PHP itself reads them, by include and Reflection.
 */
declare(strict_types=1);
error_reporting(E_ALL & ~E_DEPRECATED);

/** `const X = new Handler('php::module::function')`: a constant whose value a Rust function tells at start-up. */
final class Handler
{
    public function __construct(public readonly string $path)
    {
    }
}

function fail(string $message): never
{
    fwrite(STDERR, "stubs: $message\n");
    exit(1);
}

/** The value of every `@tag value` line of a doc comment. */
function tags(string|false $doc, string $tag): array
{
    return $doc !== false && preg_match_all("/@$tag\\b[ \\t]*([^\\s*]*)/", $doc, $found) ? $found[1] : [];
}

function scalar(mixed $value): array
{
    return match (true) {
        $value === null => ['null'],
        is_bool($value) => ['bool', $value],
        is_int($value) => ['int', (string) $value],
        is_float($value) => ['float', var_export($value, true)],
        is_string($value) => ['string', base64_encode($value)],
        is_array($value) => ['array', array_map(
            static fn ($key, $item): array => [scalar($key), scalar($item)],
            array_keys($value),
            $value
        )],
        $value instanceof Handler => ['handler', $value->path],
        default => fail('a value of type ' . get_debug_type($value) . ' cannot be registered'),
    };
}

/** The text of a default value, as Reflection shows it to users of the extension. */
function default_text(ReflectionParameter $parameter): ?string
{
    if (!$parameter->isDefaultValueAvailable()) {
        return null;
    }
    if ($parameter->isDefaultValueConstant()) {
        $name = (string) $parameter->getDefaultValueConstantName();
        $short = substr($name, (int) strrpos("\\$name", '\\'));
        if ($short === 'UNKNOWN') {
            return null;
        }
        return str_contains($name, '::') || defined($name) ? $name : $short;
    }
    $value = $parameter->getDefaultValue();
    return match (true) {
        $value === null => 'null',
        $value === [] => '[]',
        is_bool($value) => $value ? 'true' : 'false',
        is_string($value) => '"' . addcslashes($value, "\"\\\$\0..\37") . '"',
        // As C stubs write it: -1 for a float too.
        is_float($value) && floor($value) === $value && abs($value) < 1e15 => (string) (int) $value,
        is_scalar($value) => var_export($value, true),
        default => preg_replace('/\s+/', ' ', var_export($value, true)),
    };
}

function signature(ReflectionFunctionAbstract $function): array
{
    $parameters = [];
    foreach ($function->getParameters() as $parameter) {
        $parameters[] = [
            'name' => $parameter->getName(),
            'type' => (string) $parameter->getType(),
            'by_ref' => $parameter->isPassedByReference(),
            'variadic' => $parameter->isVariadic(),
            'default' => default_text($parameter),
        ];
    }
    $doc = $function->getDocComment();
    return [
        'name' => $function->getName(),
        'params' => $parameters,
        'required' => $function->getNumberOfRequiredParameters(),
        'returns' => (string) $function->getReturnType(),
        'tentative' => tags($doc, 'tentative-return-type') !== [],
        'by_ref' => $function->returnsReference(),
        'deprecated' => tags($doc, 'deprecated') !== [],
        'return_will_change' => $function->getAttributes('ReturnTypeWillChange') !== [],
        'handler' => tags($doc, 'handler')[0] ?? null,
        'shortname' => tags($doc, 'shortname') !== [],
        'userland' => tags($doc, 'userland') !== [],
    ];
}

function class_surface(ReflectionClass $class): array
{
    $own = static fn (Reflector $member): bool => $member->getDeclaringClass()->getName() === $class->getName();
    $parent = $class->getParentClass();
    $doc = $class->getDocComment();
    $constants = $properties = $methods = [];
    foreach (array_filter($class->getReflectionConstants(), $own) as $constant) {
        $constants[] = [
            'name' => $constant->getName(),
            'flags' => Reflection::getModifierNames($constant->getModifiers()),
            'value' => scalar($constant->getValue()),
        ];
    }
    foreach (array_filter($class->getProperties(), $own) as $property) {
        $flags = Reflection::getModifierNames($property->getModifiers());
        // PHP source cannot say `readonly` without a type; an extension can.
        if (tags($property->getDocComment(), 'readonly')) {
            $flags[] = 'readonly';
        }
        $properties[] = [
            'name' => $property->getName(),
            'flags' => $flags,
            'type' => (string) $property->getType(),
            'default' => $property->hasDefaultValue() ? scalar($property->getDefaultValue()) : ($property->hasType() ? null : ['null']),
        ];
    }
    foreach (array_filter($class->getMethods(), $own) as $method) {
        $methods[] = signature($method) + ['flags' => Reflection::getModifierNames($method->getModifiers())];
    }
    return [
        'name' => $class->getName(),
        'parent' => $parent ? $parent->getName() : null,
        'own_parent' => $parent && $parent->isUserDefined(),
        'interfaces' => array_values(array_diff($class->getInterfaceNames(), $parent ? $parent->getInterfaceNames() : [])),
        'kind' => $class->isTrait() ? 'trait' : ($class->isInterface() ? 'interface' : 'class'),
        'final' => $class->isFinal(),
        'abstract' => preg_match('/\babstract\b/', implode(' ', Reflection::getModifierNames($class->getModifiers()))) === 1,
        'dynamic' => $class->getAttributes('AllowDynamicProperties') !== [],
        'strict' => tags($doc, 'strict-properties') !== [],
        'no_object' => tags($doc, 'not-instantiable') !== [],
        'not_serializable' => tags($doc, 'not-serializable') !== [],
        'userland' => tags($doc, 'userland') !== [],
        'aliases' => tags($doc, 'alias'),
        'shortnames' => tags($doc, 'shortname'),
        'constants' => $constants,
        'properties' => $properties,
        'methods' => $methods,
    ];
}

$files = glob($argv[1] . '/*.stub.php') ?: fail("no stubs in {$argv[1]}");
// A parent in a later file is found by name, whatever the order of the files.
$home = [];
foreach ($files as $file) {
    $space = '';
    foreach (file($file) as $line) {
        if (preg_match('/^namespace\b\s*([\w\\\\]*)/', $line, $found)) {
            $space = $found[1] === '' ? '' : $found[1] . '\\';
        } elseif (preg_match('/^\s*(?:(?:final|abstract)\s+)*(?:class|interface|trait)\s+(\w+)/', $line, $found)) {
            $home[strtolower($space . $found[1])] = $file;
        }
    }
}
spl_autoload_register(static function (string $class) use ($home): void {
    if (isset($home[strtolower($class)])) {
        require_once $home[strtolower($class)];
    }
});
$before = [get_declared_classes(), get_declared_interfaces(), get_declared_traits()];
foreach ($files as $file) {
    require_once $file;
}

$names = array_merge(
    array_diff(get_declared_interfaces(), $before[1]),
    array_diff(get_declared_traits(), $before[2]),
    array_diff(get_declared_classes(), $before[0])
);
$classes = [];
$add = static function (string $name) use (&$add, &$classes): void {
    $class = new ReflectionClass($name);
    if (isset($classes[$name]) || !$class->isUserDefined()) {
        return;
    }
    foreach ([$class->getParentClass()?: null, ...$class->getInterfaces()] as $base) {
        $base === null || $add($base->getName());
    }
    $classes[$name] = class_surface($class);
};
array_map($add, $names);

$functions = [];
$mine = ['fail', 'tags', 'scalar', 'default_text', 'signature', 'class_surface'];
foreach (array_diff(get_defined_functions()['user'], $mine) as $name) {
    $functions[] = signature(new ReflectionFunction($name));
}
$constants = [];
foreach (get_defined_constants(true)['user'] ?? [] as $name => $value) {
    $constants[] = ['name' => $name, 'value' => scalar($value)];
}
echo json_encode(
    ['classes' => array_values($classes), 'functions' => $functions, 'constants' => $constants],
    JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES
), "\n";
