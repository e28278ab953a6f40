using System.Diagnostics;
using System.Reflection;

namespace Aspire.Hosting.Testing;

/// <summary>Finds the assembly that a builder without an entry point stands for.</summary>
internal static class CallerAssembly
{
    /// <summary>Finds the AppHost that calls, or else the first assembly outside this library that does.</summary>
    public static Assembly Find()
    {
        var callers = new StackTrace().GetFrames()
            .Select(frame => frame.GetMethod()?.DeclaringType?.Assembly)
            .OfType<Assembly>()
            .Where(assembly => assembly != typeof(CallerAssembly).Assembly && assembly != typeof(object).Assembly)
            .Distinct()
            .ToList();
        return callers.Find(assembly => AppHostMetadata.Read(assembly, projectDirectory: null).Directory is not null)
            ?? callers.FirstOrDefault()
            ?? typeof(CallerAssembly).Assembly;
    }
}
