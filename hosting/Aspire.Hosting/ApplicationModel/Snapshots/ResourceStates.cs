namespace Aspire.Hosting.ApplicationModel;

/// <summary>Questions asked of a state. State names are compared without regard to case, as in Aspire.</summary>
internal static class ResourceStates
{
    public static bool Is(this ResourceStateSnapshot? state, string known) => string.Equals(state?.Text, known, StringComparison.OrdinalIgnoreCase);

    public static bool IsTerminal(this ResourceStateSnapshot? state) => KnownResourceStates.TerminalStates.Any(known => state.Is(known));

    /// <summary>Says whether a resource in that state will not come to run by itself.</summary>
    public static bool IsUnavailable(this ResourceStateSnapshot? state) => state.IsTerminal() || state.Is(KnownResourceStates.RuntimeUnhealthy);
}
