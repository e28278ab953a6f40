namespace FlaskStack.AppHost.Settings;

/// <summary>Says in one line why the application cannot start, instead of in the many of an unhandled exception.</summary>
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

    /// <summary>A mistake of whoever starts it; anything else is one of the program, whose stack trace is wanted.</summary>
    private static DistributedApplicationException? Cause(object exception) => exception switch
    {
        DistributedApplicationException mistake => mistake,
        AggregateException { InnerExceptions: [var only] } => Cause(only),
        _ => null,
    };
}
