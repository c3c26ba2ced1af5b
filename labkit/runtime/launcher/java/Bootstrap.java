package labkit.launcher;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a Java function as AWS's runtime client does: fetch an event from the Runtime API, call the handler, answer.
 *
 * <p>Handlers: "package.Class::method", or "package.Class" for one that implements RequestHandler or
 * RequestStreamHandler. It speaks HTTP over a plain socket and uses no lambda expression, regular expression or format
 * string, since each of these would lengthen every cold start. AWS's interfaces are found by name, on the class path of
 * the function. https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html
 */
public final class Bootstrap {
    private static final String AWS = "com.amazonaws.services.lambda.runtime.";

    public static void main(String[] arguments) throws Exception {
        Connection api = new Connection(System.getenv("AWS_LAMBDA_RUNTIME_API"));
        Handler handler = null;
        Fault unusable = null;
        try {
            handler = Handler.named(System.getenv("_HANDLER"));
        } catch (Fault fault) {
            if (fault.duringInit) {
                Log.write(fault.logged());
                api.post("init/error", fault.payload(), "Runtime.BadFunctionCode");
                System.exit(1);
            }
            unusable = fault; // a handler that is not there is told of by the first invocation
        }
        while (true) {
            serve(api, handler, unusable, api.get("invocation/next"));
        }
    }

    private static void serve(Connection api, Handler handler, Fault unusable, Answer next) throws IOException {
        String place = "invocation/" + next.headers.get("lambda-runtime-aws-request-id");
        byte[] result;
        try {
            if (unusable != null) {
                throw unusable;
            }
            result = handler.call(next);
        } catch (Fault fault) {
            Log.write(fault.logged());
            api.post(place + "/error", fault.payload(), "Runtime.BadFunctionCode");
            return;
        } catch (Throwable thrown) {
            Fault fault = Fault.of(thrown);
            Log.write(fault.logged());
            api.post(place + "/error", fault.payload(), "Runtime.UserException");
            if (thrown instanceof VirtualMachineError) {
                System.exit(1);
            }
            return;
        }
        api.post(place + "/response", result, null);
    }

    /** A method that was named as the handler, and the object it is called on. */
    private static final class Handler {
        private final Method method;
        private final Object instance;
        private final Type[] parameters;

        private Handler(Method method, Object instance) {
            this.method = method;
            this.instance = instance;
            this.parameters = method.getGenericParameterTypes();
        }

        static Handler named(String name) {
            int colons = name.lastIndexOf("::");
            String className = colons < 0 ? name : name.substring(0, colons);
            String methodName = colons < 0 ? "handleRequest" : name.substring(colons + 2);
            if (className.isEmpty() || methodName.isEmpty()) {
                throw new Fault("Invalid handler: `" + name + "'", null, null, false);
            }
            Class<?> type = loaded(className);
            if (colons < 0 && !isA(type, AWS + "RequestHandler") && !isA(type, AWS + "RequestStreamHandler")) {
                String message = "Class does not implement an appropriate handler interface: " + className;
                throw new Fault(message, null, null, false);
            }
            Method method = chosen(type, methodName);
            return new Handler(method, Modifier.isStatic(method.getModifiers()) ? null : instantiated(type));
        }

        private static Class<?> loaded(String name) {
            try {
                return Class.forName(name, true, ClassLoader.getSystemClassLoader());
            } catch (ClassNotFoundException error) {
                throw new Fault("Class not found: " + name, error.getClass().getName(), error, false);
            } catch (Throwable error) {
                Throwable cause = error instanceof ExceptionInInitializerError && error.getCause() != null
                        ? error.getCause() : error;
                String reason = cause.getMessage() == null ? "" : ": " + cause.getMessage();
                throw new Fault("Error loading class " + name + reason, cause.getClass().getName(), cause, true);
            }
        }

        private static boolean isA(Class<?> type, String name) {
            for (Class<?> each = type; each != null; each = each.getSuperclass()) {
                if (each.getName().equals(name)) {
                    return true;
                }
                for (Class<?> one : each.getInterfaces()) {
                    if (isA(one, name)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Of the public methods of this name the one that AWS's runtime takes: the longest, more so with a Context. */
        private static Method chosen(Class<?> type, String name) {
            Method best = null;
            for (Method method : type.getMethods()) {
                if (method.getName().equals(name) && takesWhatWeGive(method)
                        && (best == null || rank(method) > rank(best))) {
                    best = method;
                }
            }
            if (best == null) {
                String message = "No public method named " + name
                        + " with appropriate method signature found on class " + type.getName();
                throw new Fault(message, null, null, false);
            }
            best.setAccessible(true); // of a class that is not public
            return best;
        }

        private static int rank(Method method) {
            Class<?>[] types = method.getParameterTypes();
            int length = types.length + (types.length > 0 && isContext(types[types.length - 1]) ? 1 : 0);
            return method.isBridge() ? length - 10 : length;
        }

        /** An event or an InputStream, an OutputStream, a Context: each may be left out, the order is this. */
        private static boolean takesWhatWeGive(Method method) {
            Class<?>[] types = method.getParameterTypes();
            int next = 0;
            if (next < types.length && types[next] != OutputStream.class && !isContext(types[next])) {
                next++;
            }
            if (next < types.length && types[next] == OutputStream.class
                    && (next == 0 || types[0] == InputStream.class)) {
                next++;
            }
            if (next < types.length && isContext(types[next])) {
                next++;
            }
            return next == types.length;
        }

        private static boolean isContext(Class<?> type) {
            return type.getName().equals(AWS + "Context");
        }

        private static Object instantiated(Class<?> type) {
            try {
                Constructor<?> constructor = type.getConstructor();
                constructor.setAccessible(true);
                return constructor.newInstance();
            } catch (NoSuchMethodException error) {
                String message = "Class " + type.getName() + " has no public zero-argument constructor";
                throw new Fault(message, "java.lang.Exception", error, false);
            } catch (InvocationTargetException error) {
                Fault fault = Fault.of(error.getCause());
                throw new Fault(fault.message, fault.type, error.getCause(), true);
            } catch (ReflectiveOperationException error) {
                throw Fault.of(error);
            }
        }

        byte[] call(Answer event) throws Throwable {
            ByteArrayOutputStream output = null;
            Object[] given = new Object[parameters.length];
            for (int i = 0; i < given.length; i++) {
                if (parameters[i] == OutputStream.class) {
                    given[i] = output = new ByteArrayOutputStream();
                } else if (parameters[i] == InputStream.class) {
                    given[i] = new ByteArrayInputStream(event.body);
                } else if (parameters[i] instanceof Class && isContext((Class<?>) parameters[i])) {
                    given[i] = LambdaContext.of((Class<?>) parameters[i], event.headers);
                } else {
                    given[i] = converted(event.body, parameters[i]);
                }
            }
            Object result;
            try {
                result = method.invoke(instance, given);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
            if (output != null) {
                return output.toByteArray();
            }
            try {
                return Json.written(result).getBytes(StandardCharsets.UTF_8);
            } catch (Exception error) {
                throw new RuntimeException("An error occurred during JSON serialization of response", error);
            }
        }

        private static Object converted(byte[] json, Type type) {
            try {
                return Json.converted(Json.read(new String(json, StandardCharsets.UTF_8)), type);
            } catch (Exception error) {
                throw new RuntimeException("An error occurred during JSON parsing", error);
            }
        }
    }

    /** What AWS's Context tells, for the interface that the function brings along. */
    private static final class LambdaContext implements InvocationHandler {
        private final Map<String, Object> values = new HashMap<>();
        private final long deadline;

        private LambdaContext(Map<String, String> headers) {
            deadline = Long.parseLong(headers.get("lambda-runtime-deadline-ms"));
            values.put("getAwsRequestId", headers.get("lambda-runtime-aws-request-id"));
            values.put("getInvokedFunctionArn", headers.get("lambda-runtime-invoked-function-arn"));
            values.put("getFunctionName", System.getenv("AWS_LAMBDA_FUNCTION_NAME"));
            values.put("getFunctionVersion", System.getenv("AWS_LAMBDA_FUNCTION_VERSION"));
            values.put("getLogGroupName", System.getenv("AWS_LAMBDA_LOG_GROUP_NAME"));
            values.put("getLogStreamName", System.getenv("AWS_LAMBDA_LOG_STREAM_NAME"));
            values.put("getMemoryLimitInMB", Integer.valueOf(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")));
        }

        static Object of(Class<?> type, Map<String, String> headers) {
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, new LambdaContext(headers));
        }

        /** Calls of Context, and of the LambdaLogger that it gives. */
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            switch (method.getName()) {
                case "getRemainingTimeInMillis":
                    return (int) Math.max(deadline - System.currentTimeMillis(), 0);
                case "getLogger":
                    Class<?> type = method.getReturnType();
                    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this);
                case "log":
                    Log.write(arguments[0] instanceof byte[] ? (byte[]) arguments[0]
                            : String.valueOf(arguments[0]).getBytes(StandardCharsets.UTF_8));
                    return null;
                case "hashCode":
                    return System.identityHashCode(proxy);
                case "equals":
                    return proxy == arguments[0];
                case "toString":
                    return "Context of request " + values.get("getAwsRequestId");
                default:
                    return values.get(method.getName());
            }
        }
    }

    /** Why an invocation, or Init, has failed. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1;
        final String message;
        final String type;
        final boolean duringInit;

        Fault(String message, String type, Throwable cause, boolean duringInit) {
            super(message, cause, false, false);
            this.message = message;
            this.type = type;
            this.duringInit = duringInit;
            hideBootstrap(cause);
        }

        static Fault of(Throwable thrown) {
            String message = thrown.getLocalizedMessage();
            return new Fault(message == null ? thrown.getClass().getName() : message, thrown.getClass().getName(),
                    thrown, false);
        }

        /** End the traces where this class called the function. */
        private static void hideBootstrap(Throwable thrown) {
            for (int depth = 0; thrown != null && depth < 100; thrown = thrown.getCause(), depth++) {
                List<StackTraceElement> kept = new ArrayList<>();
                for (StackTraceElement frame : thrown.getStackTrace()) {
                    if (frame.getClassName().startsWith("labkit.launcher.")) {
                        break;
                    }
                    kept.add(frame);
                }
                thrown.setStackTrace(kept.toArray(new StackTraceElement[0]));
            }
        }

        byte[] payload() {
            return Json.written(described(message, type, getCause(), 0)).getBytes(StandardCharsets.UTF_8);
        }

        private static Map<String, Object> described(String message, String type, Throwable thrown, int depth) {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put("errorMessage", message);
            if (type != null) {
                described.put("errorType", type);
            }
            if (thrown != null) {
                List<String> trace = new ArrayList<>();
                for (StackTraceElement frame : thrown.getStackTrace()) {
                    trace.add(frame.toString());
                }
                described.put("stackTrace", trace);
                Throwable cause = thrown.getCause();
                if (cause != null && depth < 100) {
                    Fault inner = of(cause);
                    described.put("cause", described(inner.message, inner.type, cause, depth + 1));
                }
            }
            return described;
        }

        byte[] logged() {
            StringWriter text = new StringWriter();
            text.write(type == null ? message : message + ": " + type + "\n");
            if (getCause() != null) {
                getCause().printStackTrace(new PrintWriter(text, true));
            }
            return text.toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    /** The log of the environment, to which each record is written with its length, however many lines it has. */
    private static final class Log {
        private static OutputStream stream;

        static synchronized void write(byte[] text) throws IOException {
            if (stream == null) {
                String number = System.getenv("_LAMBDA_TELEMETRY_LOG_FD");
                String folder = new File("/proc/self/fd").exists() ? "/proc/self/fd/" : "/dev/fd/";
                stream = new FileOutputStream(folder + number, true);
            }
            ByteBuffer record = ByteBuffer.allocate(16 + text.length);
            record.putInt(0xa55a0003).putInt(text.length).putLong(1000 * System.currentTimeMillis()).put(text);
            stream.write(record.array());
        }
    }

    /** What the Runtime API answered. */
    private static final class Answer {
        final Map<String, String> headers = new HashMap<>(); // names in lower case
        byte[] body;
    }

    /** One connection to the Runtime API, on which one request is answered after the other. */
    private static final class Connection {
        private final InputStream input;
        private final OutputStream output;

        Connection(String address) throws IOException {
            int colon = address.indexOf(':');
            Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
            socket.setTcpNoDelay(true);
            input = new BufferedInputStream(socket.getInputStream());
            output = socket.getOutputStream();
        }

        Answer get(String place) throws IOException {
            return exchanged("GET", place, new byte[0], "");
        }

        Answer post(String place, byte[] body, String errorType) throws IOException {
            String type = errorType == null ? "" : "Lambda-Runtime-Function-Error-Type: " + errorType + "\r\n";
            return exchanged("POST", place, body, "Content-Type: application/json\r\n" + type);
        }

        private Answer exchanged(String method, String place, byte[] body, String headers) throws IOException {
            String head = method + " /2018-06-01/runtime/" + place + " HTTP/1.1\r\nHost: runtime\r\n" + headers
                    + "Content-Length: " + body.length + "\r\n\r\n";
            ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + body.length);
            request.write(head.getBytes(StandardCharsets.UTF_8));
            request.write(body);
            request.writeTo(output);
            Answer answer = new Answer();
            line(); // the status
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                answer.headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).trim());
            }
            answer.body = input.readNBytes(Integer.parseInt(answer.headers.get("content-length")));
            return answer;
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream(64);
            for (int next = input.read(); next != '\n'; next = input.read()) {
                if (next < 0) {
                    throw new EOFException("the Runtime API has closed the connection");
                }
                if (next != '\r') {
                    line.write(next);
                }
            }
            return line.toString(StandardCharsets.UTF_8);
        }
    }
}
