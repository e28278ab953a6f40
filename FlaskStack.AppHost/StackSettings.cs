using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.AppHost;

/// <summary>
/// The settings from <c>appsettings.json</c>, environment variables and the command line, checked before anything starts.
/// </summary>
internal sealed record StackSettings
{
    private const int MostReplicas = 64;
    private const int HighestPort = 65_535;
    private const int DefaultPort = 8080;
    private const int LargestBody = 1024 * 1024 * 1024;
    private const int MostRequests = 1_000_000_000;
    private const int ExampleRequests = 100_000;
    private const int DefaultBody = 1024 * 1024;
    private const int FewestDefaultReplicas = 2;
    private const int MostDefaultReplicas = 8;

    /// <summary>
    /// The number of processes that serve the API. Key <c>Api:Replicas</c>, 1–64; default: one per core, at least 2, at most 8.
    /// </summary>
    public required int Replicas { get; init; }

    /// <summary>
    /// The most replicas that the commands <c>scale</c> and <c>scale-up</c> start. Key <c>Api:MaxReplicas</c>, <see cref="Replicas"/>–64;
    /// default: twice the replicas.
    /// </summary>
    public required int MaxReplicas { get; init; }

    /// <summary>
    /// The number of requests after which a replica is replaced, which bounds memory leaks (gunicorn's <c>max_requests</c>). Key
    /// <c>Api:MaxRequests</c>, 1–1000000000; default: never.
    /// </summary>
    public required int? MaxRequests { get; init; }

    /// <summary>The largest request body in bytes. Key <c>Api:MaxBodyBytes</c>, 1–1073741824 (1 GiB); default 1 MiB.</summary>
    public required int MaxBodyBytes { get; init; }

    /// <summary>
    /// Whether Linux schedules the stack as batch work. Key <c>AppHost:SchedulingPolicy</c>, <c>batch</c> (default) or <c>other</c>.
    /// </summary>
    public required bool IsBatch { get; init; }

    /// <summary>
    /// The path of an executable of the API that runs instead of the project's build, such as a published one. It has precedence over
    /// <see cref="Native"/>. Key <c>Api:Executable</c>; default none.
    /// </summary>
    public required string? Executable { get; init; }

    /// <summary>Whether the API runs as a native executable. Key <c>Api:Native</c>; default false.</summary>
    public required bool Native { get; init; }

    /// <summary>The port that nginx serves. Key <c>Nginx:Port</c>, 0–65535, where 0 picks a free one; default 8080.</summary>
    public required int Port { get; init; }

    /// <summary>Origins whose pages may call the API. Key <c>Cors:AllowedOrigins</c>; empty or <c>*</c> means any.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>Whether any origin may call the API.</summary>
    public bool AllowsAnyOrigin => AllowedOrigins.Count == 0;

    /// <summary>
    /// The options that must be known before the builder is created: whether the dashboard starts too. Key <c>Dashboard:Enabled</c>;
    /// default true.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The value is neither true nor false.</exception>
    public static DistributedApplicationOptions Options(string[] args)
    {
        var source = Projects.FlaskStack_AppHost.ProjectPath;
        var configuration = new ConfigurationBuilder()
            .SetBasePath(Directory.Exists(source) ? source : AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(args)
            .Build();
        return new() { Args = args, DisableDashboard = !(Truth(configuration, "Dashboard:Enabled") ?? true) };
    }

    /// <summary>Reads and checks all settings.</summary>
    /// <exception cref="DistributedApplicationException">A value is not valid; the message names its key and range.</exception>
    public static StackSettings Read(IConfiguration configuration)
    {
        var replicas = WholeNumber(configuration, "Api:Replicas", 1, MostReplicas, FewestDefaultReplicas)
            ?? Math.Clamp(Environment.ProcessorCount, FewestDefaultReplicas, MostDefaultReplicas);
        var twice = Math.Min(2 * replicas, MostReplicas);
        return new()
        {
            Replicas = replicas,
            MaxReplicas = WholeNumber(configuration, "Api:MaxReplicas", replicas, MostReplicas, twice) ?? twice,
            MaxRequests = WholeNumber(configuration, "Api:MaxRequests", 1, MostRequests, ExampleRequests),
            MaxBodyBytes = WholeNumber(configuration, "Api:MaxBodyBytes", 1, LargestBody, DefaultBody) ?? DefaultBody,
            IsBatch = OneOf(configuration, "AppHost:SchedulingPolicy", "batch", "other") == "batch",
            Executable = ExistingFile(configuration, "Api:Executable"),
            Native = Truth(configuration, "Api:Native") ?? false,
            Port = WholeNumber(configuration, "Nginx:Port", 0, HighestPort, DefaultPort) ?? DefaultPort,
            AllowedOrigins = Origins(configuration, "Cors:AllowedOrigins"),
        };
    }

    private static int? WholeNumber(IConfiguration configuration, string key, int least, int most, int example)
    {
        var text = configuration[key];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= least && number <= most
            ? number
            : throw new DistributedApplicationException(
                $"{key} is '{text}', but it must be a whole number from {least} to {most}. "
                + $"Set it in appsettings.json or with --{key}={example}.");
    }

    /// <summary>One of the words; the first is the default.</summary>
    private static string OneOf(IConfiguration configuration, string key, params string[] words)
    {
        var text = configuration[key];
        return string.IsNullOrEmpty(text) ? words[0]
            : words.Contains(text) ? text
            : throw new DistributedApplicationException($"{key} is '{text}', but it must be {string.Join(" or ", words)}.");
    }

    private static string? ExistingFile(IConfiguration configuration, string key)
    {
        var text = configuration[key];
        return string.IsNullOrEmpty(text) ? null
            : File.Exists(text) ? Path.GetFullPath(text)
            : throw new DistributedApplicationException($"{key} is '{text}', but it must be the path of an executable.");
    }

    /// <summary>A setting that is true or false, or null where it is not set.</summary>
    /// <exception cref="DistributedApplicationException">The value is neither.</exception>
    public static bool? Truth(IConfiguration configuration, string key)
    {
        var text = configuration[key];
        return string.IsNullOrEmpty(text) ? null
            : bool.TryParse(text, out var value) ? value
            : throw new DistributedApplicationException($"{key} is '{text}', but it must be true or false.");
    }

    /// <summary>An array in JSON, or a list separated by commas or semicolons on the command line.</summary>
    private static string[] Origins(IConfiguration configuration, string key)
    {
        // A text from the environment or the command line replaces the list of appsettings.json.
        var listed = configuration[key] is { Length: > 0 } text
            ? text.Split([',', ';'])
            : configuration.GetSection(key).GetChildren().Select(c => c.Value ?? string.Empty);
        var given = listed
            .Select(o => o.Trim().TrimEnd('/'))
            .Where(o => o.Length > 0)
            .ToArray();

        if (given.Contains("*"))
        {
            return [];
        }

        return [.. given.Select(o => OriginOf(o) ?? throw new DistributedApplicationException(
            $"{key} lists '{o}', which is not an origin. "
            + "An origin is a scheme, a host and perhaps a port, such as https://shop.example:8443; '*' allows any."))
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The origin as browsers send it: in lower case, non-ASCII hosts in punycode, without the scheme's default port.</summary>
    private static string? OriginOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri is not { Host.Length: > 0, UserInfo: "", PathAndQuery: "/", Fragment: "" })
        {
            return null;
        }

        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        var port = uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        return $"{uri.Scheme}://{host}{port}";
    }
}

/// <summary>Prints the reason why the application cannot start as one line instead of a stack trace.</summary>
internal static class StartError
{
    public static void PrintInOneLine() => AppDomain.CurrentDomain.UnhandledException += static (_, unhandled) =>
    {
        if (Cause(unhandled.ExceptionObject) is { } cause)
        {
            Console.Error.WriteLine(cause.Message);
            Environment.Exit(1);
        }
    };

    /// <summary>The user's mistake, or null for an error of the program, whose stack trace is printed.</summary>
    private static DistributedApplicationException? Cause(object exception) => exception switch
    {
        DistributedApplicationException mistake => mistake,
        AggregateException { InnerExceptions: [var only] } => Cause(only),
        _ => null,
    };
}
