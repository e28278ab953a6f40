namespace Aspire.Hosting.ApplicationModel;

/// <summary>Which rows of a resource a wait looks at.</summary>
internal enum ResourceWaitScope
{
    /// <summary>One row that fulfils the wait is enough.</summary>
    AnyRow,

    /// <summary>The group's row alone where there is one; otherwise every row, each at a time of its own.</summary>
    WholeResource,

    /// <summary>Every row but the group's, each at a time of its own: only a process has an exit code.</summary>
    EveryInstance,
}
