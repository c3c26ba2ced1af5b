package labkit.launcher;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JSON as Java values, those as the types that a handler asks for, and what a handler returns as JSON. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Maps, lists, strings, Integer or Long or BigInteger, Double, Boolean and null. */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.skipBlanks();
        if (json.at < text.length()) {
            throw json.wrong();
        }
        return value;
    }

    private Object value() {
        skipBlanks();
        char next = peek();
        if (next == '{') {
            return object();
        }
        if (next == '[') {
            return array();
        }
        if (next == '"') {
            return string();
        }
        int start = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.equals("null")) {
            return null;
        }
        return word.equals("true") || word.equals("false") ? (Object) word.equals("true") : number(word);
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        skipBlanks();
        while (peek() != '}') {
            skipBlanks();
            String name = string();
            skipBlanks();
            expect(':');
            object.put(name, value());
            separated('}');
        }
        at++;
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        at++;
        skipBlanks();
        while (peek() != ']') {
            array.add(value());
            separated(']');
        }
        at++;
        return array;
    }

    private void separated(char end) {
        skipBlanks();
        if (peek() != end) {
            expect(',');
        }
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        for (char next = take(); next != '"'; next = take()) {
            string.append(next == '\\' ? escaped(take()) : next);
        }
        return string.toString();
    }

    private char escaped(char code) {
        switch (code) {
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u':
                at += 4;
                return (char) Integer.parseInt(text.substring(at - 4, at), 16);
            default: return code;
        }
    }

    private static Object number(String word) {
        if (word.indexOf('.') >= 0 || word.indexOf('e') >= 0 || word.indexOf('E') >= 0) {
            return Double.valueOf(word);
        }
        BigInteger whole = new BigInteger(word);
        return whole.bitLength() < 32 ? (Object) whole.intValue()
                : whole.bitLength() < 64 ? (Object) whole.longValue() : whole;
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private char take() {
        char next = peek();
        at++;
        return next;
    }

    private void expect(char wanted) {
        if (take() != wanted) {
            at--;
            throw wrong();
        }
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("this is no JSON at character " + at);
    }

    /** A value that was read, as this type. */
    static Object converted(Object value, Type type) throws ReflectiveOperationException {
        Class<?> wanted = rawClass(type);
        if (value == null || wanted == Object.class) {
            return value;
        }
        if (wanted == String.class || wanted == CharSequence.class) {
            if (value instanceof Map || value instanceof List) {
                throw mismatch(value, type);
            }
            return value.toString();
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            return value instanceof String ? Boolean.valueOf((String) value) : (Boolean) value;
        }
        if (wanted.isPrimitive() || Number.class.isAssignableFrom(wanted)) {
            return numberAs(value, wanted);
        }
        if (wanted.isEnum()) {
            return constant(wanted, value);
        }
        if (value instanceof List && (wanted.isArray() || wanted.isAssignableFrom(ArrayList.class)
                || wanted.isAssignableFrom(LinkedHashSet.class))) {
            return elements((List<?>) value, wanted, type);
        }
        if (value instanceof Map) {
            return wanted.isAssignableFrom(LinkedHashMap.class)
                    ? entries((Map<?, ?>) value, type) : bean((Map<?, ?>) value, wanted);
        }
        throw mismatch(value, type);
    }

    private static IllegalArgumentException mismatch(Object value, Type type) {
        return new IllegalArgumentException("Cannot deserialize " + written(value) + " as " + type.getTypeName());
    }

    private static Class<?> rawClass(Type type) {
        if (type instanceof Class) {
            return (Class<?>) type;
        }
        if (type instanceof ParameterizedType) {
            return rawClass(((ParameterizedType) type).getRawType());
        }
        if (type instanceof GenericArrayType) {
            return Array.newInstance(rawClass(((GenericArrayType) type).getGenericComponentType()), 0).getClass();
        }
        return type instanceof WildcardType ? rawClass(((WildcardType) type).getUpperBounds()[0]) : Object.class;
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType ? ((ParameterizedType) type).getActualTypeArguments()[index]
                : Object.class;
    }

    private static Object numberAs(Object value, Class<?> wanted) {
        BigDecimal number = new BigDecimal(value.toString());
        if (wanted == int.class || wanted == Integer.class) {
            return number.intValue();
        }
        if (wanted == long.class || wanted == Long.class) {
            return number.longValue();
        }
        if (wanted == float.class || wanted == Float.class) {
            return number.floatValue();
        }
        if (wanted == short.class || wanted == Short.class) {
            return number.shortValue();
        }
        if (wanted == byte.class || wanted == Byte.class) {
            return number.byteValue();
        }
        return wanted == BigDecimal.class ? number : wanted == BigInteger.class ? number.toBigInteger()
                : (Object) number.doubleValue();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class<?> type, Object value) {
        return Enum.valueOf((Class) type, value.toString());
    }

    private static Object elements(List<?> values, Class<?> wanted, Type type) throws ReflectiveOperationException {
        Type element = wanted.isArray() ? wanted.getComponentType() : argument(type, 0);
        Collection<Object> elements = new ArrayList<>();
        for (Object value : values) {
            elements.add(converted(value, element));
        }
        if (!wanted.isArray()) {
            return wanted.isAssignableFrom(ArrayList.class) ? elements : new LinkedHashSet<>(elements);
        }
        Object array = Array.newInstance(wanted.getComponentType(), elements.size());
        int index = 0;
        for (Object each : elements) {
            Array.set(array, index++, each);
        }
        return array;
    }

    private static Map<Object, Object> entries(Map<?, ?> values, Type type) throws ReflectiveOperationException {
        Map<Object, Object> entries = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            entries.put(converted(entry.getKey(), argument(type, 0)), converted(entry.getValue(), argument(type, 1)));
        }
        return entries;
    }

    /** An object with setters or public fields; their names may differ from those in the event by case. */
    private static Object bean(Map<?, ?> values, Class<?> type) throws ReflectiveOperationException {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object bean = constructor.newInstance();
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            String name = entry.getKey().toString();
            for (Method method : type.getMethods()) {
                if (method.getName().equalsIgnoreCase("set" + name) && method.getParameterCount() == 1) {
                    method.setAccessible(true);
                    method.invoke(bean, converted(entry.getValue(), method.getGenericParameterTypes()[0]));
                }
            }
            for (Field field : type.getFields()) {
                if (field.getName().equalsIgnoreCase(name) && !Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    field.set(bean, converted(entry.getValue(), field.getGenericType()));
                }
            }
        }
        return bean;
    }

    /** A value as JSON; an object by its getters and public fields. */
    static String written(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof CharSequence || value instanceof Character || value instanceof Enum) {
            writeString(value.toString(), out);
        } else if (value instanceof Map) {
            writeMap((Map<?, ?>) value, out);
        } else if (value instanceof Iterable) {
            char before = '[';
            for (Object each : (Iterable<?>) value) {
                out.append(before);
                write(each, out);
                before = ',';
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (value.getClass().isArray()) {
            List<Object> elements = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                elements.add(Array.get(value, i));
            }
            write(elements, out);
        } else {
            writeMap(properties(value), out);
        }
    }

    private static void writeMap(Map<?, ?> map, StringBuilder out) {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(before);
            writeString(String.valueOf(entry.getKey()), out);
            out.append(':');
            write(entry.getValue(), out);
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private static Map<String, Object> properties(Object bean) {
        Map<String, Object> properties = new LinkedHashMap<>();
        Class<?> type = bean.getClass();
        Set<String> components = new LinkedHashSet<>();
        if (type.getSuperclass() != null && type.getSuperclass().getName().equals("java.lang.Record")) {
            for (Field field : type.getDeclaredFields()) {
                components.add(field.getName());
            }
        }
        try {
            for (Method method : type.getMethods()) {
                String name = property(method, components);
                if (name != null) {
                    method.setAccessible(true);
                    properties.put(name, method.invoke(bean));
                }
            }
            for (Field field : type.getFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    properties.putIfAbsent(field.getName(), field.get(bean));
                }
            }
        } catch (ReflectiveOperationException error) {
            throw new IllegalArgumentException("No JSON can be made of " + type.getName(), error);
        }
        return properties;
    }

    /** What a method is the getter of, or null. */
    private static String property(Method method, Set<String> components) {
        String name = method.getName();
        if (method.getParameterCount() > 0 || method.getDeclaringClass() == Object.class
                || Modifier.isStatic(method.getModifiers()) || method.getReturnType() == void.class) {
            return null;
        }
        int prefix = name.startsWith("get") ? 3 : name.startsWith("is") ? 2 : 0;
        if (prefix > 0 && name.length() > prefix && Character.isUpperCase(name.charAt(prefix))) {
            return Character.toLowerCase(name.charAt(prefix)) + name.substring(prefix + 1);
        }
        return components.contains(name) ? name : null;
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char next = string.charAt(i);
            if (next == '"' || next == '\\') {
                out.append('\\').append(next);
            } else if (next < ' ') {
                out.append("\\u00").append(Character.forDigit(next >> 4, 16)).append(Character.forDigit(next & 15, 16));
            } else {
                out.append(next);
            }
        }
        out.append('"');
    }
}
