using System.Reflection;
using Aspire.Hosting.Pipelines;

namespace Aspire.Hosting.Diagnostics;

/// <summary>
/// Turns a <see cref="DistributedApplicationException"/> that nobody catches into one line on standard error and exit
/// code 1: a wrong setting is the user's to mend, and a stack trace would hide which one it is.
/// </summary>
internal static class StartupErrorReporter
{
    public const int ExitCode = 1;

    private static int _installed;

    /// <summary>Installs the reporter once, and only in a process that is itself the AppHost.</summary>
    public static void Install(Assembly? appHostAssembly)
    {
        if (appHostAssembly is null || appHostAssembly != Assembly.GetEntryAssembly() || Interlocked.Exchange(ref _installed, 1) == 1)
        {
            return;
        }

        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
        {
            if (Find(e.ExceptionObject as Exception) is { } error)
            {
                if (error is not ToldException)
                {
                    Console.Error.WriteLine($"error: {error.Message}");
                }

                Environment.Exit(ExitCode);
            }
        };
    }

    private static DistributedApplicationException? Find(Exception? exception) => exception switch
    {
        DistributedApplicationException error => error,
        AggregateException { InnerExceptions: [var only] } => Find(only),
        TargetInvocationException { InnerException: { } inner } => Find(inner),
        _ => null,
    };
}
